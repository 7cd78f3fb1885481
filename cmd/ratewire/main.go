// Command ratewire is the hub, its tools and its demo in one binary. See docs/cli.md.
package main

import "github.com/ratewire/ratewire"

func main() { ratewire.Main() }
