// SPDX-License-Identifier: MIT
#pragma once

// Every message type that may cross a node border, and the atoms, in one header. CAF 0.17 sends a
// type by its name: one more changes nothing for nodes of before, another name does.

#include "messages/base/error.hpp"
#include "messages/base/result.hpp"
#include "messages/base/uuid.hpp"
#include "messages/images/image.hpp"
#include "messages/jobs/conversion.hpp"
#include "messages/jobs/job.hpp"
#include "messages/jobs/job_filter.hpp"
#include "messages/jobs/ownership.hpp"
#include "messages/jobs/retry.hpp"
#include "messages/jobs/submission.hpp"
#include "messages/jobs/type_pause.hpp"
#include "messages/provider/found_limit.hpp"
#include "messages/provider/generation.hpp"
#include "messages/provider/provider_check.hpp"
#include "messages/provider/result_cache.hpp"
#include "messages/provider/spending.hpp"
#include "messages/service/codec_status.hpp"
#include "messages/service/events.hpp"
#include "messages/service/node.hpp"
#include "messages/service/notifications.hpp"
#include "messages/service/settings.hpp"
#include "messages/service/status.hpp"
#include "messages/service/user_data.hpp"

#include <caf/all.hpp>

#include <vector>

CAF_BEGIN_TYPE_ID_BLOCK(stayler, first_custom_type_id)

CAF_ADD_TYPE_ID(stayler, (stayler::uuid))
CAF_ADD_TYPE_ID(stayler, (stayler::job_id))
CAF_ADD_TYPE_ID(stayler, (stayler::attempt_id))
CAF_ADD_TYPE_ID(stayler, (stayler::unit_value))
CAF_ADD_TYPE_ID(stayler, (stayler::failure))
CAF_ADD_TYPE_ID(stayler, (stayler::field_problem))
CAF_ADD_TYPE_ID(stayler, (stayler::job_request))
CAF_ADD_TYPE_ID(stayler, (stayler::job))
CAF_ADD_TYPE_ID(stayler, (stayler::job_progress))
CAF_ADD_TYPE_ID(stayler, (stayler::job_result))
CAF_ADD_TYPE_ID(stayler, (stayler::attempt_outcome))
CAF_ADD_TYPE_ID(stayler, (stayler::submit_receipt))
CAF_ADD_TYPE_ID(stayler, (stayler::job_filter))
CAF_ADD_TYPE_ID(stayler, (stayler::job_page))
CAF_ADD_TYPE_ID(stayler, (stayler::image_info))
CAF_ADD_TYPE_ID(stayler, (stayler::image_record))
CAF_ADD_TYPE_ID(stayler, (stayler::conversion_update))
CAF_ADD_TYPE_ID(stayler, (stayler::notification))
CAF_ADD_TYPE_ID(stayler, (stayler::job_counts))
CAF_ADD_TYPE_ID(stayler, (stayler::worker_status))
CAF_ADD_TYPE_ID(stayler, (stayler::queue_status))
CAF_ADD_TYPE_ID(stayler, (stayler::latency_report))
CAF_ADD_TYPE_ID(stayler, (stayler::health_report))
CAF_ADD_TYPE_ID(stayler, (stayler::provider_status))
CAF_ADD_TYPE_ID(stayler, (stayler::settings))
CAF_ADD_TYPE_ID(stayler, (stayler::settings_change))
CAF_ADD_TYPE_ID(stayler, (stayler::settings_update))
CAF_ADD_TYPE_ID(stayler, (stayler::job_event))
CAF_ADD_TYPE_ID(stayler, (stayler::queue_report))
CAF_ADD_TYPE_ID(stayler, (stayler::stage_event))
CAF_ADD_TYPE_ID(stayler, (stayler::retry_decision))
CAF_ADD_TYPE_ID(stayler, (std::vector<stayler::worker_status>))
CAF_ADD_TYPE_ID(stayler, (std::vector<stayler::settings_change>))

CAF_ADD_ATOM(stayler, stayler, submit_atom, "submit")
CAF_ADD_ATOM(stayler, stayler, find_atom, "find")
CAF_ADD_ATOM(stayler, stayler, list_atom, "list")
CAF_ADD_ATOM(stayler, stayler, cancel_atom, "cancel")
CAF_ADD_ATOM(stayler, stayler, process_atom, "process")
CAF_ADD_ATOM(stayler, stayler, status_atom, "status")
CAF_ADD_ATOM(stayler, stayler, join_atom, "join")
CAF_ADD_ATOM(stayler, stayler, leave_atom, "leave")
CAF_ADD_ATOM(stayler, stayler, assign_atom, "assign")
CAF_ADD_ATOM(stayler, stayler, renew_atom, "renew")
CAF_ADD_ATOM(stayler, stayler, report_atom, "report")
CAF_ADD_ATOM(stayler, stayler, finish_atom, "finish")
CAF_ADD_ATOM(stayler, stayler, release_atom, "release")
CAF_ADD_ATOM(stayler, stayler, retire_atom, "retire")
CAF_ADD_ATOM(stayler, stayler, decide_atom, "decide")
CAF_ADD_ATOM(stayler, stayler, arm_atom, "arm")
CAF_ADD_ATOM(stayler, stayler, due_atom, "due")
CAF_ADD_ATOM(stayler, stayler, start_atom, "start")
CAF_ADD_ATOM(stayler, stayler, drain_atom, "drain")
CAF_ADD_ATOM(stayler, stayler, shutdown_atom, "shutdown")
CAF_ADD_ATOM(stayler, stayler, generate_atom, "generate")
CAF_ADD_ATOM(stayler, stayler, abort_atom, "abort")
CAF_ADD_ATOM(stayler, stayler, probe_atom, "probe")
CAF_ADD_ATOM(stayler, stayler, fetch_atom, "fetch")
CAF_ADD_ATOM(stayler, stayler, store_atom, "store")
CAF_ADD_ATOM(stayler, stayler, remove_atom, "remove")
CAF_ADD_ATOM(stayler, stayler, sanitize_atom, "sanitize")
CAF_ADD_ATOM(stayler, stayler, prepare_atom, "prepare")
CAF_ADD_ATOM(stayler, stayler, transform_atom, "transform")
CAF_ADD_ATOM(stayler, stayler, record_atom, "record")
CAF_ADD_ATOM(stayler, stayler, notify_atom, "notify")
CAF_ADD_ATOM(stayler, stayler, render_atom, "render")
CAF_ADD_ATOM(stayler, stayler, settings_atom, "settings")
CAF_ADD_ATOM(stayler, stayler, workers_atom, "workers")
CAF_ADD_ATOM(stayler, stayler, watch_atom, "watch")
CAF_ADD_ATOM(stayler, stayler, fault_atom, "fault")
CAF_ADD_ATOM(stayler, stayler, flush_atom, "flush")
CAF_ADD_ATOM(stayler, stayler, execute_atom, "execute")
CAF_ADD_ATOM(stayler, stayler, purge_atom, "purge")
CAF_ADD_ATOM(stayler, stayler, thumbnail_atom, "thumbnail")

CAF_ADD_TYPE_ID(stayler, (std::vector<stayler::image_operation>))

CAF_ADD_TYPE_ID(stayler, (stayler::job_type))
CAF_ADD_TYPE_ID(stayler, (stayler::retry_report))
CAF_ADD_TYPE_ID(stayler, (std::vector<stayler::job_request>))
CAF_ADD_TYPE_ID(stayler, (std::vector<stayler::submit_answer>))

CAF_ADD_ATOM(stayler, stayler, retry_atom, "retry")
CAF_ADD_ATOM(stayler, stayler, drop_atom, "drop")
CAF_ADD_ATOM(stayler, stayler, pause_atom, "pause")
CAF_ADD_ATOM(stayler, stayler, open_call_atom, "opencall")
CAF_ADD_ATOM(stayler, stayler, settle_call_atom, "settlecall")

CAF_ADD_TYPE_ID(stayler, (stayler::tree_status))
CAF_ADD_ATOM(stayler, stayler, tree_atom, "tree")
CAF_ADD_TYPE_ID(stayler, (stayler::provider_capacity))
CAF_ADD_TYPE_ID(stayler, (stayler::call_settlement))
CAF_ADD_TYPE_ID(stayler, (stayler::user_spending))
CAF_ADD_TYPE_ID(stayler, (stayler::spending_report))
CAF_ADD_TYPE_ID(stayler, (std::vector<stayler::user_spending>))
CAF_ADD_ATOM(stayler, stayler, capacity_atom, "capacity")
CAF_ADD_ATOM(stayler, stayler, spending_atom, "spending")
CAF_ADD_TYPE_ID(stayler, (stayler::content_hash))
CAF_ADD_TYPE_ID(stayler, (stayler::cache_status))
CAF_ADD_TYPE_ID(stayler, (stayler::notification_status))
CAF_ADD_ATOM(stayler, stayler, download_atom, "download")
CAF_ADD_TYPE_ID(stayler, (stayler::node_hello))
CAF_ADD_TYPE_ID(stayler, (stayler::node_welcome))
CAF_ADD_TYPE_ID(stayler, (stayler::link_status))
CAF_ADD_ATOM(stayler, stayler, adopt_atom, "adopt")
CAF_ADD_TYPE_ID(stayler, (stayler::call_request))
CAF_ADD_TYPE_ID(stayler, (stayler::call_permit))
CAF_ADD_TYPE_ID(stayler, (stayler::call_outcome))
CAF_ADD_ATOM(stayler, stayler, admit_atom, "admit")
CAF_ADD_ATOM(stayler, stayler, settle_atom, "settle")
CAF_ADD_ATOM(stayler, stayler, share_atom, "share")

// The queue's own messages.
CAF_ADD_ATOM(stayler, stayler, poll_atom, "poll")
CAF_ADD_ATOM(stayler, stayler, drain_deadline_atom, "drainlimit")
CAF_ADD_ATOM(stayler, stayler, drain_overdue_atom, "drainover")
CAF_ADD_ATOM(stayler, stayler, revoke_atom, "revoke")
CAF_ADD_ATOM(stayler, stayler, repeat_record_atom, "rerecord")
// The retry scheduler's.
CAF_ADD_ATOM(stayler, stayler, alarm_atom, "alarm")
// The worker's.
CAF_ADD_ATOM(stayler, stayler, renew_lease_atom, "renewlease")
CAF_ADD_ATOM(stayler, stayler, job_timeout_atom, "jobtimeout")
CAF_ADD_ATOM(stayler, stayler, report_again_atom, "reportnow")
CAF_ADD_ATOM(stayler, stayler, retry_step_atom, "retrystep")
// Those of a node's link to its coordinator.
CAF_ADD_ATOM(stayler, stayler, find_coordinator_atom, "findcoord")
CAF_ADD_ATOM(stayler, stayler, ping_coordinator_atom, "pingcoord")
CAF_ADD_ATOM(stayler, stayler, end_reconnecting_atom, "endreconn")
CAF_ADD_ATOM(stayler, stayler, release_workers_atom, "relworkers")
CAF_ADD_ATOM(stayler, stayler, say_goodbye_atom, "goodbye")
// A coordinator's, for its nodes.
CAF_ADD_ATOM(stayler, stayler, check_nodes_atom, "checknodes")
CAF_ADD_ATOM(stayler, stayler, orphaned_atom, "orphaned")

// The provider's limits' own messages.
CAF_ADD_ATOM(stayler, stayler, reopen_atom, "reopen")
CAF_ADD_ATOM(stayler, stayler, expire_atom, "expire")
CAF_ADD_ATOM(stayler, stayler, exchange_atom, "exchange")
// The Gemini client's.
CAF_ADD_ATOM(stayler, stayler, http_done_atom, "httpdone")
CAF_ADD_ATOM(stayler, stayler, resend_atom, "resend")
CAF_ADD_ATOM(stayler, stayler, body_taken_atom, "bodytaken")

// Timers of the supervisor,
CAF_ADD_ATOM(stayler, stayler, check_children_atom, "checkchild")
CAF_ADD_ATOM(stayler, stayler, end_backoff_atom, "endbackoff")
CAF_ADD_ATOM(stayler, stayler, end_overdue_atom, "endoverdue")
// of the notifier,
CAF_ADD_ATOM(stayler, stayler, retry_outbox_atom, "retryoutbx")
CAF_ADD_ATOM(stayler, stayler, claim_outbox_atom, "claimoutbx")
CAF_ADD_ATOM(stayler, stayler, purge_outbox_atom, "purgeoutbx")
// of the result cache and of the queue.
CAF_ADD_ATOM(stayler, stayler, purge_cache_atom, "purgecache")
CAF_ADD_ATOM(stayler, stayler, clean_up_atom, "cleanup")

CAF_ADD_TYPE_ID(stayler, (stayler::found_limit))
CAF_ADD_TYPE_ID(stayler, (std::vector<stayler::found_limit>))
CAF_ADD_ATOM(stayler, stayler, limits_atom, "limits")

CAF_ADD_TYPE_ID(stayler, (stayler::precedence))
CAF_ADD_ATOM(stayler, stayler, redeliver_atom, "redeliver")

// The Gemini client's.
CAF_ADD_ATOM(stayler, stayler, check_setup_atom, "checksetup")

CAF_ADD_ATOM(stayler, stayler, erase_atom, "erase")
// Those of who keeps users' data.
CAF_ADD_ATOM(stayler, stayler, sweep_atom, "sweep")
CAF_ADD_ATOM(stayler, stayler, sweep_records_atom, "sweeprecs")
CAF_ADD_ATOM(stayler, stayler, take_over_atom, "takeover")

CAF_ADD_TYPE_ID(stayler, (stayler::dispatch_status))
// Timers of those who watch: of health, and of the workload watch.
CAF_ADD_ATOM(stayler, stayler, check_health_atom, "checkhealt")
CAF_ADD_ATOM(stayler, stayler, look_atom, "look")

CAF_ADD_TYPE_ID(stayler, (stayler::type_pause))
CAF_ADD_ATOM(stayler, stayler, resume_atom, "resume")

CAF_END_TYPE_ID_BLOCK(stayler)

// Local to a process: they hold image bytes, or belong to one node's own bookkeeping. Sending one
// to another node fails at run time, which is what is wanted. Never a type that is also a field of
// one above: CAF 0.17 would leave that field out without a word.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::shared_bytes)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::encoded_image)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::vector<stayler::image_signature>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::prepared_image)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::finished_image)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::sanitized_image)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::new_image)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::stored_image)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::blob_part)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::stored_part)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::generation_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::generation_result)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::cached_result)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::cache_lookup)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::provider_check)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::provider_event)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::cache_event)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::vector<stayler::http_event>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::workload_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::route_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::event_streams_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::audit_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::certificate_event)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::http_memory_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::notification_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::notification_filter)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::kept_notification)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::notification_page)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::redelivery_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::span_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::restart_event)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::codec_status)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::tree_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::node_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::link_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::erased_jobs)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::pause_change)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::erasure)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::user_records_query)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::user_records)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::ownership_query)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::ownership_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::vector<stayler::conversion_update>)
