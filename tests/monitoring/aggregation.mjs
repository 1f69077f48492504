// SPDX-License-Identifier: MIT
// How each metric may be put together over several processes. What the shared store or all coordinators know is the same
// number at each of them: a sum would count it once for each coordinator. What is not named here is a share of its
// process: it is summed, where it is put together at all.

/** The same at each coordinator. */
export const ofAll = new Set([
  'worker_jobs_pending',
  'worker_jobs_processing',
  'worker_average_job_time',
  'stayler_jobs_scheduled',
  'stayler_jobs_held',
  'stayler_types_paused',
  'stayler_dead_letters',
  'stayler_queue_oldest_pending_seconds',
  'stayler_workers_desired',
  'stayler_stale_reports_total',
  'stayler_ambiguous_calls_total',
  'stayler_store_repairs_total',
  'stayler_gemini_requests_per_minute',
  'stayler_gemini_breaker_state',
  'stayler_gemini_closed_until_seconds',
  'stayler_gemini_budget_dollars',
  'stayler_gemini_spent_dollars',
  'stayler_notifications_open',
]);

/** Of each process, and of no use as a sum. */
export const ofEach = new Set([
  'up',
  'process_start_time_seconds',
  'process_resident_memory_bytes',
  'process_max_fds',
  'stayler_actors_written_off',
  'stayler_actor_mailbox_messages',
  'stayler_build_info',
  'stayler_certificate_expiry_timestamp_seconds',
  'stayler_coordinator_connected',
  'stayler_disk_free_bytes',
  'stayler_disk_size_bytes',
  'stayler_health',
  'stayler_http_memory_limit_bytes',
  'stayler_memory_limit_bytes',
  'stayler_tls_certificate_expiry_timestamp_seconds',
]);

/** In no rule and no panel: the share of what the store still keeps, and 1 at each node. */
export const unused = new Set(['worker_success_rate']);
