// SPDX-License-Identifier: MIT
/** Metrics that rules and panels name and the service does not have yet. Empty, or the service lacks something. */
export const notYet = new Set([
  'stayler_queue_oldest_pending_seconds',
  'stayler_jobs_held',
  'stayler_types_paused',
  'stayler_dead_letters',
  'stayler_job_end_to_end_seconds',
  'stayler_store_errors_total',
  'stayler_disk_free_bytes',
  'stayler_disk_size_bytes',
  'stayler_gemini_budget_dollars',
  'stayler_gemini_spent_dollars',
  'stayler_certificate_expiry_timestamp_seconds',
  'stayler_health',
  'stayler_actor_restarts_total',
  'stayler_event_streams_open',
  'stayler_memory_limit_bytes',
  'stayler_workers_desired',
  'process_cpu_seconds_total',
  'process_open_fds',
  'process_max_fds',
]);
