// Command steward is one of the two programs of the fleet.
package main

import (
	"fmt"
	"runtime"
)

func main() {
	fmt.Printf("steward %s/%s\n", runtime.GOOS, runtime.GOARCH)
}
