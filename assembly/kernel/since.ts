/**
 * Since which release Linux has what objects ask for most, so that a fault can say so. Names that are not here are not
 * known.
 */

/** Kinds of struct_ops. */
const KINDS: StaticArray<string> = [
  'tcp_congestion_ops',
  '5.6',
  'bpf_dummy_ops',
  '5.16',
  'hid_bpf_ops',
  '6.11',
  'sched_ext_ops',
  '6.12',
  'Qdisc_ops',
  '6.16',
];

/**
 * kfuncs, with blanks around each. A family grows over years, so that none is known by how its name begins. Lines are
 * not put together: that would be done, and take memory, in every instance.
 */
const KFUNCS: StaticArray<string> = [
  '5.13',
  ' tcp_cong_avoid_ai tcp_reno_cong_avoid tcp_reno_ssthresh tcp_reno_undo_cwnd tcp_slow_start ',
  '5.13',
  ' cubictcp_acked cubictcp_cong_avoid cubictcp_init cubictcp_recalc_ssthresh cubictcp_state ',
  '6.2',
  ' bpf_task_acquire bpf_task_from_pid bpf_task_release bpf_cgroup_acquire bpf_cgroup_ancestor ',
  '6.2',
  ' bpf_cgroup_release bpf_rcu_read_lock bpf_rcu_read_unlock bpf_cast_to_kern_ctx bpf_rdonly_cast ',
  '6.3',
  ' bpf_cpumask_acquire bpf_cpumask_and bpf_cpumask_clear bpf_cpumask_clear_cpu bpf_cpumask_copy ',
  '6.3',
  ' bpf_cpumask_create bpf_cpumask_empty bpf_cpumask_equal bpf_cpumask_first bpf_cpumask_first_zero ',
  '6.3',
  ' bpf_cpumask_full bpf_cpumask_intersects bpf_cpumask_or bpf_cpumask_release bpf_cpumask_set_cpu ',
  '6.3',
  ' bpf_cpumask_setall bpf_cpumask_subset bpf_cpumask_test_and_clear_cpu bpf_cpumask_test_and_set_cpu ',
  '6.3',
  ' bpf_cpumask_test_cpu bpf_cpumask_xor bpf_rbtree_first bpf_rbtree_remove hid_bpf_allocate_context ',
  '6.3',
  ' hid_bpf_get_data hid_bpf_hw_request hid_bpf_release_context ',
  '6.4',
  ' bpf_iter_num_destroy bpf_iter_num_new bpf_iter_num_next bpf_dynptr_from_skb bpf_dynptr_from_xdp ',
  '6.4',
  ' bpf_dynptr_slice bpf_dynptr_slice_rdwr bpf_cgroup_from_id bpf_rbtree_add_impl ',
  '6.5',
  ' bpf_dynptr_adjust bpf_dynptr_clone bpf_dynptr_is_null bpf_dynptr_is_rdonly bpf_dynptr_size ',
  '6.5',
  ' bpf_task_under_cgroup bpf_cpumask_first_and ',
  '6.7',
  ' bpf_iter_task_destroy bpf_iter_task_new bpf_iter_task_next bpf_iter_task_vma_destroy ',
  '6.7',
  ' bpf_iter_task_vma_new bpf_iter_task_vma_next bpf_iter_css_destroy bpf_iter_css_new bpf_iter_css_next ',
  '6.7',
  ' bpf_throw ',
  '6.8',
  ' bpf_cpumask_weight bpf_task_get_cgroup1 ',
  '6.9',
  ' bpf_arena_alloc_pages bpf_arena_free_pages ',
  '6.10',
  ' bpf_wq_init bpf_wq_set_callback_impl bpf_wq_start bpf_preempt_disable bpf_preempt_enable ',
  '6.11',
  ' bpf_iter_bits_destroy bpf_iter_bits_new bpf_iter_bits_next ',
  '6.12',
  ' scx_bpf_consume scx_bpf_cpu_rq scx_bpf_cpuperf_cap scx_bpf_cpuperf_cur scx_bpf_cpuperf_set ',
  '6.12',
  ' scx_bpf_create_dsq scx_bpf_destroy_dsq scx_bpf_dispatch scx_bpf_dispatch_cancel ',
  '6.12',
  ' scx_bpf_dispatch_nr_slots scx_bpf_dispatch_vtime scx_bpf_dsq_nr_queued scx_bpf_dump_bstr ',
  '6.12',
  ' scx_bpf_error_bstr scx_bpf_exit_bstr scx_bpf_get_idle_cpumask scx_bpf_get_idle_smtmask ',
  '6.12',
  ' scx_bpf_get_online_cpumask scx_bpf_get_possible_cpumask scx_bpf_kick_cpu scx_bpf_nr_cpu_ids ',
  '6.12',
  ' scx_bpf_pick_any_cpu scx_bpf_pick_idle_cpu scx_bpf_put_cpumask scx_bpf_put_idle_cpumask ',
  '6.12',
  ' scx_bpf_reenqueue_local scx_bpf_select_cpu_dfl scx_bpf_task_cgroup scx_bpf_task_cpu ',
  '6.12',
  ' scx_bpf_task_running scx_bpf_test_and_clear_cpu_idle bpf_iter_scx_dsq_destroy bpf_iter_scx_dsq_new ',
  '6.12',
  ' bpf_iter_scx_dsq_next bpf_copy_from_user_str bpf_get_task_exe_file ',
  '6.13',
  ' scx_bpf_dsq_insert scx_bpf_dsq_insert_vtime scx_bpf_dsq_move scx_bpf_dsq_move_set_slice ',
  '6.13',
  ' scx_bpf_dsq_move_set_vtime scx_bpf_dsq_move_to_local scx_bpf_dsq_move_vtime ',
  '6.14',
  ' scx_bpf_now bpf_local_irq_restore bpf_local_irq_save ',
  '6.15',
  ' scx_bpf_cpu_node scx_bpf_events scx_bpf_get_idle_cpumask_node scx_bpf_get_idle_smtmask_node ',
  '6.15',
  ' scx_bpf_nr_node_ids scx_bpf_pick_any_cpu_node scx_bpf_pick_idle_cpu_node bpf_cpumask_populate ',
  '6.15',
  ' bpf_res_spin_lock bpf_res_spin_lock_irqsave bpf_res_spin_unlock bpf_res_spin_unlock_irqrestore ',
  '6.16',
  ' scx_bpf_select_cpu_and bpf_kfree_skb bpf_qdisc_bstats_update bpf_qdisc_init_prologue ',
  '6.16',
  ' bpf_qdisc_reset_destroy_epilogue bpf_qdisc_skb_drop bpf_qdisc_watchdog_schedule bpf_skb_get_hash ',
  '6.16',
  ' bpf_rbtree_left bpf_rbtree_right bpf_rbtree_root bpf_list_back bpf_list_front ',
  '6.17',
  ' bpf_arena_reserve_pages bpf_strchr bpf_strchrnul bpf_strcmp bpf_strcspn bpf_strlen bpf_strnchr ',
  '6.17',
  ' bpf_strnlen bpf_strnstr bpf_strrchr bpf_strspn bpf_strstr ',
  '6.18',
  ' scx_bpf_cpu_curr scx_bpf_locked_rq bpf_strcasecmp ',
  '6.19',
  ' scx_bpf_dsq_peek scx_bpf_task_set_dsq_vtime scx_bpf_task_set_slice ',
];

/** By number of `enum bpf_map_type`: the first that has it, from the ring buffer on. */
const FIRST_MAP_TYPE: u32 = 27;
const MAP_TYPES: StaticArray<string> = ['5.8', '5.10', '5.11', '5.16', '6.1', '6.2', '6.9', '6.19'];

/** Empty: not known. */
export function kindSince(name: string): string {
  for (let i = 0; i < KINDS.length; i += 2) {
    if (KINDS[i] == name) return KINDS[i + 1];
  }
  return '';
}

/** Empty: not known. */
export function kfuncSince(name: string): string {
  const word = ` ${name} `;
  for (let i = 0; i < KFUNCS.length; i += 2) {
    if (KFUNCS[i + 1].includes(word)) return KFUNCS[i];
  }
  return '';
}

/** Empty: not known, or every kernel with BTF has it. */
export function mapTypeSince(type: u32): string {
  const index = type - FIRST_MAP_TYPE;
  return type < FIRST_MAP_TYPE || index >= <u32>MAP_TYPES.length ? '' : MAP_TYPES[index];
}
