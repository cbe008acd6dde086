// Says what Go's archive/tar sees in archives: see README.md.
//
//	go run verdicts.go           reads archives, one a line in base64, and writes one verdict a line
//	go run verdicts.go testdata  writes one line for each archive of archive/tar's own testdata
package main

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

const readable = 1 << 20

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// Bytes as characters of the same number; a long text is cut.
func text(s string) string {
	if len(s) > 40 {
		return fmt.Sprintf("%s~%d~%08x", text(s[:16]), len(s), crc32.ChecksumIEEE([]byte(s)))
	}
	runes := make([]rune, len(s))
	for i := range len(s) {
		runes[i] = rune(s[i])
	}
	return string(runes)
}

// One text an entry: type, size, CRC of the content, name and target; null is an error.
// Global headers are entries that engines pass over.
func verdict(archive []byte) any {
	entries := []string{}
	reader := tar.NewReader(bytes.NewReader(archive))
	for {
		header, err := reader.Next()
		if err == io.EOF {
			return entries
		}
		if err != nil {
			return nil
		}
		if header.Typeflag == tar.TypeXGlobalHeader {
			continue
		}
		size, target, sum := header.Size, "", "-"
		switch header.Typeflag {
		case tar.TypeLink, tar.TypeSymlink:
			size, target = 0, " > "+text(header.Linkname)
		case tar.TypeChar, tar.TypeBlock, tar.TypeDir, tar.TypeFifo:
			size = 0
		default:
			if size > readable {
				break
			}
			hash := crc32.NewIEEE()
			if _, err := io.Copy(hash, reader); err != nil {
				return nil
			}
			sum = fmt.Sprintf("%08x", hash.Sum32())
		}
		entries = append(entries, fmt.Sprintf("%s %d %s %s%s", text(string(header.Typeflag)), size, sum, text(header.Name), target))
	}
}

func line(value any) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	check(encoder.Encode(value))
	os.Stdout.Write(out.Bytes())
}

func testdata() {
	paths, err := filepath.Glob(filepath.Join(runtime.GOROOT(), "src/archive/tar/testdata/*.tar*"))
	check(err)
	for _, path := range paths {
		file, err := os.Open(path)
		check(err)
		var reader io.Reader = file
		switch filepath.Ext(path) {
		case ".bz2":
			reader = bzip2.NewReader(file)
		case ".base64":
			reader = base64.NewDecoder(base64.StdEncoding, file)
		}
		archive, err := io.ReadAll(reader)
		check(err)
		var packed bytes.Buffer
		writer, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression)
		writer.Write(archive)
		check(writer.Close())
		line(map[string]any{
			"name":    filepath.Base(path),
			"archive": base64.StdEncoding.EncodeToString(packed.Bytes()),
			"entries": verdict(archive),
		})
	}
}

func main() {
	if strings.Join(os.Args[1:], " ") == "testdata" {
		testdata()
		return
	}
	lines := bufio.NewReader(os.Stdin)
	for {
		encoded, err := lines.ReadString('\n')
		if err == io.EOF {
			return
		}
		check(err)
		archive, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
		check(err)
		line(verdict(archive))
	}
}
