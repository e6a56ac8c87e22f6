/**
 * Shell command that has bpftool, and so libbpf, register the struct_ops of an object, keep them
 * until SIGINT and take them away again: a holder for scenario.ts that is not ours.
 *
 * @param object path in the guest
 * @param name of the struct_ops map
 */
export function bpftoolHolder(object: string, name: string): string {
  // A `.struct_ops.link` map leaves a pin here, a legacy one does not.
  const pin = `/sys/fs/bpf/${name}`;
  return [
    `trap 'rm ${pin} 2>/dev/null || bpftool struct_ops unregister name ${name}; exit 0' INT`,
    `bpftool struct_ops register ${object} /sys/fs/bpf || exit`,
    'while :; do sleep 0.1; done',
  ].join('\n');
}
