// A kernel that says yes, in the place of the one system call of cilium/ebpf: the same that
// test/oracle/fake_kernel.c is for libbpf. Becomes a file of the library's package sys.
package sys

import (
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// FakeKernelTime is what all calls so far have taken.
var FakeKernelTime time.Duration

func fakeBPF(cmd Cmd, attr unsafe.Pointer, _ uintptr) (uintptr, uintptr, syscall.Errno) {
	start := time.Now()
	result, errno := answer(cmd, attr)
	FakeKernelTime += time.Since(start)
	return result, 0, errno
}

func answer(cmd Cmd, attr unsafe.Pointer) (uintptr, syscall.Errno) {
	switch cmd {
	case BPF_MAP_CREATE:
		return newFd(mappedSize((*MapCreateAttr)(attr)))
	case BPF_BTF_LOAD, BPF_PROG_LOAD, BPF_LINK_CREATE:
		return newFd(0)
	case BPF_MAP_UPDATE_ELEM, BPF_MAP_UPDATE_BATCH, BPF_MAP_FREEZE, BPF_PROG_BIND_MAP:
		return 0, 0
	// There are no modules.
	case BPF_BTF_GET_NEXT_ID:
		return 0, unix.ENOENT
	}
	return 0, unix.EINVAL
}

// Bytes of a map that may be mapped into memory.
func mappedSize(attr *MapCreateAttr) int64 {
	if attr.MapFlags&BPF_F_MMAPABLE == 0 {
		return 0
	}
	const page = 4096
	return (int64(attr.ValueSize)*int64(attr.MaxEntries) + page - 1) / page * page
}

func newFd(size int64) (uintptr, syscall.Errno) {
	fd, err := unix.MemfdCreate("fake", unix.MFD_CLOEXEC)
	if err == nil && size != 0 {
		err = unix.Ftruncate(fd, size)
	}
	if err != nil {
		return 0, unix.EMFILE
	}
	return uintptr(fd), 0
}
