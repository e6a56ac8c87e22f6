// main CORE OBJECT... -- BTF...: a host of the core in Go, with the engine wazero.
package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// docs/embedding.md has the ABI.
const (
	kindObject     = 1
	kindKernelBtf  = 2
	kindObjectName = 5
	statusDone     = 0
	statusFaults   = 1
)

type core struct {
	context context.Context
	module  api.Module
}

func (c core) call(name string, arguments ...uint64) uint32 {
	results, err := c.module.ExportedFunction(name).Call(c.context, arguments...)
	check(err)
	if len(results) == 0 {
		return 0
	}
	return uint32(results[0])
}

func (c core) give(kind uint64, bytes []byte) {
	at := c.call("input", kind, uint64(len(bytes)))
	if at == 0 || !c.module.Memory().Write(at, bytes) {
		check(fmt.Errorf("the core does not take %d bytes of kind %d", len(bytes), kind))
	}
}

// Valid until the next call.
func (c core) output() []byte {
	bytes, _ := c.module.Memory().Read(c.call("outputPointer"), c.call("outputSize"))
	return bytes
}

// The SHA-256 of the plan, or the codes of its faults.
func (c core) plan(object, kernel []byte, name string) string {
	c.call("reset", 0)
	c.give(kindKernelBtf, kernel)
	c.give(kindObject, object)
	c.give(kindObjectName, []byte(name))
	status := c.call("makePlan")
	if status == statusDone {
		return fmt.Sprintf("%x", sha256.Sum256(c.output()))
	}
	var report struct {
		Faults []struct{ Code, Message string }
	}
	check(json.Unmarshal(c.output(), &report))
	if status != statusFaults {
		check(fmt.Errorf("status %d: %s", status, report.Faults[0].Message))
	}
	codes := make([]string, len(report.Faults))
	for i, fault := range report.Faults {
		codes[i] = fault.Code
	}
	return strings.Join(codes, ",")
}

func read(path string) []byte {
	bytes, err := os.ReadFile(path)
	check(err)
	return bytes
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(2)
	}
}

func main() {
	ctx := context.Background()
	runtime := wazero.NewRuntime(ctx)
	defer runtime.Close(ctx)
	module, err := runtime.Instantiate(ctx, read(os.Args[1]))
	check(err)
	planner := core{ctx, module}
	paths := os.Args[2:]
	split := 0
	for paths[split] != "--" {
		split++
	}
	for _, btf := range paths[split+1:] {
		kernel := read(btf)
		for _, path := range paths[:split] {
			name := filepath.Base(path)
			fmt.Println(planner.plan(read(path), kernel, name), name, filepath.Base(btf))
		}
	}
}
