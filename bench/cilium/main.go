// cilium_bench BTF OBJECT [keep]
//
// For each line on standard input: opens and loads the object and attaches its struct_ops maps with
// cilium/ebpf, on the kernel of fake_bpf.go, and prints how long that took in nanoseconds, without
// the time that the fake kernel had. Closing is not counted. With `keep` the kernel's types stay
// decoded from one time to the next, which the library leaves to its caller. Built as a package of
// the library, which takes the first argument for the kernel's BTF (bench/cilium_contender.ts).
package main

import (
	"bufio"
	"fmt"
	"os"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"
	"github.com/cilium/ebpf/internal/sys"
	"github.com/cilium/ebpf/link"
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// A legacy struct_ops map attaches when it is loaded, others by a link.
func attach(collection *ebpf.Collection) []link.Link {
	var links []link.Link
	for _, m := range collection.Maps {
		if m.Type() != ebpf.StructOpsMap || m.Flags()&sys.BPF_F_LINK == 0 {
			continue
		}
		made, err := link.AttachStructOps(link.StructOpsOptions{Map: m})
		check(err)
		links = append(links, made)
	}
	return links
}

func run(path string, kernelTypes *btf.Cache) time.Duration {
	kernel, start := sys.FakeKernelTime, time.Now()
	spec, err := ebpf.LoadCollectionSpec(path)
	check(err)
	options := ebpf.CollectionOptions{Cache: kernelTypes}
	collection, err := ebpf.NewCollectionWithOptions(spec, options)
	check(err)
	links := attach(collection)
	taken := time.Since(start) - (sys.FakeKernelTime - kernel)
	for _, made := range links {
		made.Close()
	}
	collection.Close()
	return taken
}

func main() {
	kept := btf.NewCache()
	keep := len(os.Args) == 4 && os.Args[3] == "keep"
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		kernelTypes := kept
		if !keep {
			kernelTypes = btf.NewCache()
		}
		fmt.Println(run(os.Args[2], kernelTypes).Nanoseconds())
	}
}
