// Command captain is one of the two programs of the fleet.
package main

import (
	"fmt"
	"runtime"
)

func main() {
	fmt.Printf("captain %s/%s\n", runtime.GOOS, runtime.GOARCH)
}
