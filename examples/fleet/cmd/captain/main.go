// Command captain is one of the two programs of the fleet.
package main

import (
	"fmt"
	"os"
	"runtime"
)

func main() {
	orders, err := os.ReadFile("/orders.txt")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("captain %s/%s\n%s", runtime.GOOS, runtime.GOARCH, orders)
}
