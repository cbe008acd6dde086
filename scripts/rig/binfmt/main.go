// Registers emulators with the kernel, as github.com/tonistiigi/binfmt does: the same flags, the
// same JSON on stdout, complaints on stderr, and exit status 0 whatever came of it.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

const misc = "/proc/sys/fs/binfmt_misc"

// Architectures by QEMU's names for them, and the platforms that they make possible.
var emulators = map[string][]string{
	"aarch64":     {"arm64"},
	"arm":         {"arm/v7", "arm/v6"},
	"loongarch64": {"loong64"},
	"mips64":      {"mips64"},
	"mips64el":    {"mips64le"},
	"ppc64le":     {"ppc64le"},
	"riscv64":     {"riscv64"},
	"s390x":       {"s390x"},
}

type status struct {
	Supported []string `json:"supported"`
	Emulators []string `json:"emulators"`
}

func mount() error {
	if _, err := os.Stat(misc + "/register"); err == nil {
		return nil
	}
	return syscall.Mount("binfmt_misc", misc, "binfmt_misc", 0, "")
}

// emulator finds QEMU's name for an architecture or a platform.
func emulator(asked string) string {
	asked = strings.TrimPrefix(asked, "linux/")
	for name, platforms := range emulators {
		for _, platform := range platforms {
			if strings.Split(platform, "/")[0] == strings.Split(asked, "/")[0] {
				return name
			}
		}
	}
	return asked
}

func install(asked string) error {
	name := emulator(asked)
	// Debian's line: ":NAME:M::MAGIC:MASK:INTERPRETER:FLAGS".
	line, err := os.ReadFile("/binfmt.d/qemu-" + name + ".conf")
	if err != nil {
		return err
	}
	text := strings.TrimSpace(string(line))
	text = text[:strings.LastIndex(text, ":")] + ":POCF"
	return os.WriteFile(misc+"/register", []byte(text), 0)
}

func uninstall(pattern string) error {
	names, err := filepath.Glob(filepath.Join(misc, pattern))
	if err == nil && len(names) == 0 {
		err = fmt.Errorf("not found")
	}
	for _, name := range names {
		err = os.WriteFile(name, []byte("-1"), 0)
	}
	return err
}

func each(verb, list string, do func(string) error) {
	for _, one := range strings.Split(list, ",") {
		if one == "" {
			continue
		}
		if err := do(one); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %s %v\n", verb, one, err)
		} else {
			fmt.Fprintf(os.Stderr, "%s: %s OK\n", verb, one)
		}
	}
}

func main() {
	toInstall := flag.String("install", "", "architectures to install")
	toUninstall := flag.String("uninstall", "", "architectures to uninstall")
	version := flag.Bool("version", false, "display version")
	flag.Parse()
	if *version {
		fmt.Println("binfmt/stand-in go/" + strings.TrimPrefix(runtime.Version(), "go"))
		return
	}
	if err := mount(); err != nil {
		fmt.Fprintln(os.Stderr, "error: cannot mount binfmt_misc filesystem at "+misc+":", err)
		return
	}
	each("installing", *toInstall, install)
	each("uninstalling", *toUninstall, uninstall)
	found := status{Supported: []string{"linux/" + runtime.GOARCH}}
	names, _ := filepath.Glob(misc + "/qemu-*")
	for _, name := range names {
		name = filepath.Base(name)
		found.Emulators = append(found.Emulators, name)
		for _, platform := range emulators[strings.TrimPrefix(name, "qemu-")] {
			found.Supported = append(found.Supported, "linux/"+platform)
		}
	}
	json.NewEncoder(os.Stdout).Encode(found)
}
