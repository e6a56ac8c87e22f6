/** include/uapi/linux/capability.h */
export const CAP_NET_ADMIN: u64 = 12;
export const CAP_SYS_ADMIN: u64 = 21;
export const CAP_SYSLOG: u64 = 34;
export const CAP_PERFMON: u64 = 38;
export const CAP_BPF: u64 = 39;

/** Such as `CAP_BPF`; `CAP_41` for a number that has no name yet. */
export function capabilityName(number: u32): string {
  // By number. Here, so that it is put together only when one is asked for.
  const all =
    'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE ' +
    'NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO ' +
    'SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME ' +
    'SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG ' +
    'WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE';
  const names = all.split(' ');
  return `CAP_${number < <u32>names.length ? names[number] : number.toString()}`;
}
