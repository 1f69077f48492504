// SPDX-License-Identifier: MIT
#pragma once

// The typed interface of every actor. Each line says what arrives, what is answered, and which
// error classes an answer can carry; all of them can also fail with the classes `unavailable`
// (the actor is being restarted) and `timeout`. Failures travel as caf::error; to_failure() in
// actors/support/failure.hpp turns them back into values.

#include "messages/jobs/job_filter.hpp"
#include "messages/jobs/submission.hpp"
#include "messages/type_ids.hpp"

#include <caf/all.hpp>

#include <string>
#include <vector>

namespace stayler {

using caf::reacts_to;
using caf::replies_to;

/// Executes one job at a time. Joins the queue by itself when it starts.
using worker_actor = caf::typed_actor<
    /// A job whose lease this worker now holds. Sent only to a free worker.
    reacts_to<assign_atom, job>,
    /// The attempt's job was cancelled: stop within a second, report nothing.
    reacts_to<cancel_atom, attempt_id>,
    /// Hand the lease back now, unfinished (shutdown).
    reacts_to<release_atom>,
    /// Leave the queue and end normally once idle (rescaling).
    reacts_to<retire_atom>,
    reacts_to<settings_atom, settings>>;

/// Receives the progress of attempts: the queue, or a proxy for it.
using attempt_events_actor = caf::typed_actor<
    /// The worker lives: extends its lease. conflict (the lease has moved on).
    replies_to<renew_atom, attempt_id>::with<unit_value>,
    /// How far an attempt is. With the stage `recording` it is the point of no return: once it is
    /// answered the job can no longer be cancelled. conflict (the lease has moved on).
    replies_to<report_atom, attempt_id, job_progress>::with<unit_value>,
    /// The attempt is about to call the provider; when this is answered, the ledger has it.
    /// conflict (the lease has moved on).
    replies_to<open_call_atom, attempt_id>::with<unit_value>,
    /// The provider has answered: with a picture, or with an error. conflict.
    replies_to<settle_call_atom, attempt_id, call_settlement>::with<unit_value>,
    /// An attempt has ended; answered when the store has it, and the worker is free again. conflict
    /// (the lease has moved on; the worker is free all the same), unavailable (say it again).
    replies_to<finish_atom, attempt_id, attempt_outcome>::with<unit_value>>;

/// What a worker needs of whoever gives out the jobs.
using lease_service_actor = attempt_events_actor::extend<
    /// A worker is there and free; it is monitored from now on. The text is its worker id.
    reacts_to<join_atom, std::string, worker_actor>,
    /// A worker wants to end: true when it holds no lease; it will get no other.
    replies_to<leave_atom, std::string>::with<bool>>;

/// Whether jobs are given out.
using dispatch_actor = caf::typed_actor<
    /// Accept and dispatch. conflict (already running).
    replies_to<start_atom>::with<unit_value>,
    /// Accept nothing, let workers finish for so long, then take the leases back; answered when no
    /// lease is held. conflict (already stopped).
    replies_to<drain_atom, milliseconds>::with<unit_value>,
    /// Answered without asking the store, or the coordinator.
    replies_to<probe_atom>::with<dispatch_status>>;

/// Owns the job store, the leases and the dispatch.
using queue_actor = lease_service_actor::extend_with<dispatch_actor>::extend<
    /// A new job; answered when the store has it. unavailable (not accepting), rate_limited (too
    /// many jobs wait, in all or of its user), conflict (the conversion is another user's),
    /// key_reused.
    replies_to<submit_atom, job_request>::with<submit_receipt>,
    /// Up to 1,000 jobs at once; each is taken or refused by itself. invalid_input (too many),
    /// unavailable (not accepting).
    replies_to<submit_atom, std::vector<job_request>>::with<std::vector<submit_answer>>,
    /// One job. not_found.
    replies_to<find_atom, job_id>::with<job>,
    replies_to<list_atom, job_filter>::with<job_page>,
    /// Cancels in any state that is not final. not_found, conflict.
    replies_to<cancel_atom, job_id>::with<job>,
    /// Puts a waiting job ahead of due time, and of the priority and age of others: of its user's,
    /// or of everybody's. not_found, conflict.
    replies_to<process_atom, job_id, precedence>::with<job>,
    /// Gives a dead letter another life. not_found, conflict.
    replies_to<retry_atom, job_id>::with<job>,
    /// The same for all dead letters that match.
    replies_to<retry_atom, job_filter>::with<retry_report>,
    /// Removes a dead letter; answers with what it was. not_found, conflict.
    replies_to<drop_atom, job_id>::with<job>,
    /// Erases that user's jobs: what is final goes, what is not is cancelled without a word to the
    /// application, and goes the next time. unavailable.
    replies_to<erase_atom, std::string>::with<erased_jobs>,
    /// Dispatches no more jobs of that type until it is resumed, or the pause's own end.
    replies_to<pause_atom, type_pause>::with<pause_change>,
    /// Dispatches jobs of that type again; by the caller with that key, if any.
    replies_to<resume_atom, job_type, std::string>::with<pause_change>,
    replies_to<status_atom>::with<queue_status>,
    /// A worker is there, and still works on that attempt, whose lease another coordinator has
    /// given: it is extended, and the worker holds it here from now on. conflict (the lease has
    /// moved on), not_found.
    replies_to<adopt_atom, std::string, worker_actor, attempt_id>::with<unit_value>,
    /// Some scheduled job may have become due.
    reacts_to<due_atom>,
    /// What the provider can take from now on.
    reacts_to<capacity_atom, provider_capacity>,
    reacts_to<settings_atom, settings>>;

/// What is to become of a job whose attempt failed: see messages/jobs/retry.hpp.
using retry_scheduler_actor = caf::typed_actor<
    replies_to<decide_atom, job, failure>::with<retry_decision>,
    /// Wake this queue at that time (or earlier); a later arm for an earlier time moves it up.
    reacts_to<arm_atom, timestamp, queue_actor>,
    /// So many jobs were started for the first time: what retries are measured against.
    reacts_to<start_atom, std::uint32_t>,
    reacts_to<settings_atom, settings>>;

/// Calls the provider's API.
using gemini_client_actor = caf::typed_actor<
    /// Generates one picture. All classes of the error table that a provider can cause.
    replies_to<generate_atom, generation_request>::with<generation_result>,
    /// Drops the call of that attempt, if there is one; its requester gets `cancelled`.
    reacts_to<abort_atom, attempt_id>,
    /// Whether address, key and models work, as far as that is known.
    replies_to<status_atom>::with<provider_check>,
    reacts_to<settings_atom, settings>>;

/// Says when a call to the provider may be made. All that those who make the calls need to know of
/// the limits, on whichever node they are.
using call_limits_actor = caf::typed_actor<
    /// Answered when the call may be made; one attempt has one call at a time. held (it would have
    /// to wait for long: how long is said), authentication (there is no key), cancelled (it was
    /// settled or aborted while it waited).
    replies_to<admit_atom, call_request>::with<call_permit>,
    /// What became of the call. Every permit is settled once; a request that still waits is dropped
    /// by it.
    reacts_to<settle_atom, call_outcome>,
    /// Whoever had or wanted a permit for that attempt has gone, and nobody knows how far the call
    /// was: it is taken to have cost what it may.
    reacts_to<abort_atom, attempt_id>>;

/// Owns the provider's limits as found so far, and the day's account.
using provider_limits_actor = call_limits_actor::extend<
    replies_to<status_atom>::with<provider_status>,
    /// What has been spent today, and on whom.
    replies_to<spending_atom>::with<spending_report>,
    /// So many workers have joined here: what the other coordinators are to know.
    reacts_to<share_atom, std::uint32_t>,
    /// This queue hears what the provider can take: now, and after each change.
    reacts_to<watch_atom, queue_actor>,
    reacts_to<settings_atom, settings>>;

/// Where the coordinators of one service show each other how they stand.
using limit_exchange_actor = caf::typed_actor<
    /// Shows this to the others for a few seconds, and answers with what they show. unavailable.
    replies_to<share_atom, std::string>::with<std::vector<std::string>>>;

/// Pictures that the provider has made, by what it was asked. A cache that is off, or whose disk is
/// away, is no error: there is a miss.
using result_cache_actor = caf::typed_actor<
    replies_to<find_atom, content_hash>::with<cache_lookup>,
    /// Takes the picture in, where there is room for it; an earlier one is replaced.
    reacts_to<store_atom, content_hash, cached_result>,
    replies_to<status_atom>::with<cache_status>,
    reacts_to<settings_atom, settings>>;

/// Has pictures decoded, checked and encoded, so many at a time. What a job names is fetched when
/// its turn is near, so that any number of jobs may wait. unavailable (no codec process is to be
/// had).
using image_processor_actor = caf::typed_actor<
    /// An upload as it may be stored, with a thumbnail. invalid_input; unavailable (too many wait).
    replies_to<sanitize_atom, shared_bytes>::with<sanitized_image>,
    /// The picture of that id or URL, fit for the provider: decoded, upright, without metadata, of
    /// bounded size, as JPEG or PNG. invalid_input; the errors of the library.
    replies_to<prepare_atom, std::string>::with<prepared_image>,
    /// The result and its thumbnail, decoded, optimised and encoded. no_image (does not decode, or
    /// is of no use: too small, one flat colour, an input again by its signature).
    replies_to<finish_atom, shared_bytes, image_format, std::vector<image_signature>>::with<
        finished_image>,
    /// The operations applied in order to the picture of that id or URL, and a thumbnail.
    /// invalid_input; the errors of the library.
    replies_to<transform_atom, std::string, std::vector<image_operation>>::with<finished_image>,
    replies_to<status_atom>::with<codec_status>>;

/// Image bytes by key. One blocking store behind it. Calls of one key are made in their order.
using blob_store_actor = caf::typed_actor<
    /// Durable when answered; an existing key is replaced. unavailable; authentication, permission.
    replies_to<store_atom, std::string, shared_bytes>::with<unit_value>,
    /// not_found, unavailable.
    replies_to<fetch_atom, std::string>::with<shared_bytes>,
    /// So many bytes from that place on, fewer where the blob ends; not in order with the other
    /// calls of its key. not_found, unavailable.
    replies_to<fetch_atom, std::string, std::uint64_t, std::uint64_t>::with<blob_part>,
    /// Gone when answered, whether or not it was there. unavailable.
    replies_to<remove_atom, std::string>::with<unit_value>,
    /// Writes, reads and removes a small blob. unavailable.
    replies_to<probe_atom>::with<unit_value>>;

/// The application's records of conversions.
using conversion_records_actor = caf::typed_actor<
    /// Applies a change to a conversion record. conflict (a newer attempt has written, or final).
    replies_to<record_atom, conversion_update>::with<unit_value>,
    /// A conversion as it was last written. not_found.
    replies_to<fetch_atom, std::string>::with<conversion_update>>;

/// The application's rows of images.
using image_records_actor = caf::typed_actor<
    replies_to<record_atom, image_record>::with<unit_value>,
    /// An image's row. not_found.
    replies_to<find_atom, std::string>::with<image_record>,
    /// The row that was removed. not_found.
    replies_to<remove_atom, std::string>::with<image_record>>;

/// The application's records: conversions, images, audit.
using record_io_actor = conversion_records_actor::extend_with<image_records_actor>::extend<
    /// Conversions of jobs that were accepted together, each as by itself. What is refused is not
    /// told.
    reacts_to<record_atom, std::vector<conversion_update>>,
    /// Whose these images and conversions are, as everything before this has left them.
    replies_to<find_atom, ownership_query>::with<ownership_report>,
    /// Adds to what is known of that day and user.
    replies_to<record_atom, user_spending>::with<unit_value>,
    /// All that was spent on that day, by user.
    replies_to<spending_atom, std::string>::with<std::vector<user_spending>>,
    /// Keeps a limit of the provider's as it has been found, in place of what was kept by that
    /// name.
    replies_to<record_atom, found_limit>::with<unit_value>,
    /// All limits that are kept.
    replies_to<limits_atom>::with<std::vector<found_limit>>,
    replies_to<probe_atom>::with<unit_value>,
    /// Answered when all that came before has been written.
    replies_to<flush_atom>::with<unit_value>>;

/// Blobs and image rows as one thing: an image is there whole or not at all.
using image_library_actor = caf::typed_actor<
    replies_to<store_atom, new_image>::with<image_record>,
    replies_to<find_atom, std::string>::with<image_record>,
    replies_to<fetch_atom, std::string>::with<stored_image>,
    /// So many bytes of it from that place on, fewer where it ends.
    replies_to<fetch_atom, std::string, std::uint64_t, std::uint64_t>::with<stored_part>,
    /// The picture at a URL, which is not kept. invalid_input, permission, not_found, timeout,
    /// connection.
    replies_to<download_atom, std::string>::with<stored_image>,
    /// The same of the thumbnail. not_found.
    replies_to<thumbnail_atom, std::string, std::uint64_t, std::uint64_t>::with<stored_part>,
    replies_to<remove_atom, std::string>::with<unit_value>>;

/// Erases and lists what is kept of one user, and removes what is past its time.
using user_data_actor = caf::typed_actor<
    /// Begins to erase all that is kept of that user, unless that is under way. Answered when it
    /// cannot be forgotten any more, not even by kill -9. unavailable.
    replies_to<erase_atom, std::string>::with<erasure>,
    /// How far an erasure is. not_found.
    replies_to<find_atom, uuid>::with<erasure>,
    replies_to<list_atom, user_records_query>::with<user_records>,
    reacts_to<settings_atom, settings>>;

/// Takes over what the application is to be told.
using notification_sink_actor = caf::typed_actor<
    /// Answered as soon as the notification is taken over: durable, unless the outbox is away. Of
    /// several with one event id the first counts. Delivery never fails a job.
    replies_to<notify_atom, notification>::with<unit_value>>;

/// Tells the application what became of its jobs.
using notifier_actor = notification_sink_actor::extend<
    /// Answered when all that was taken over is delivered, given up, or kept by the outbox for the
    /// next start.
    replies_to<flush_atom>::with<unit_value>,
    replies_to<status_atom>::with<notification_status>,
    /// What the outbox has, the newest first, page by page. unavailable.
    replies_to<list_atom, notification_filter>::with<notification_page>,
    /// Delivers that event once more, at once, whatever has become of it. not_found, conflict (it
    /// is open, and another coordinator delivers it), unavailable.
    replies_to<redeliver_atom, std::string>::with<kept_notification>,
    /// Delivers nothing more of what is about that user. What is in the outbox is not touched.
    reacts_to<erase_atom, std::string>,
    /// Delivers all given-up ones that match, the oldest first, so many as there is room for. The
    /// filter's states and page do not count. unavailable.
    replies_to<redeliver_atom, notification_filter>::with<redelivery_report>,
    reacts_to<settings_atom, settings>>;

/// Owns the counters. Everything it counts is told to it by those who know.
using metrics_actor = caf::typed_actor<
    reacts_to<queue_report>,
    reacts_to<workload_report>,
    reacts_to<spending_report>,
    reacts_to<health_report>,
    reacts_to<stage_event>,
    reacts_to<provider_event>,
    reacts_to<provider_status>,
    reacts_to<cache_event>,
    /// What was answered lately.
    reacts_to<std::vector<http_event>>,
    reacts_to<route_report>,
    reacts_to<event_streams_report>,
    reacts_to<audit_report>,
    reacts_to<certificate_event>,
    reacts_to<http_memory_report>,
    reacts_to<notification_report>,
    reacts_to<span_report>,
    reacts_to<restart_event>,
    reacts_to<codec_status>,
    reacts_to<tree_report>,
    reacts_to<node_report>,
    reacts_to<link_report>,
    /// All metrics in the text format 0.0.4.
    replies_to<render_atom>::with<std::string>,
    replies_to<status_atom>::with<latency_report>>;

/// Sends finished spans to a collector.
using span_exporter_actor = caf::typed_actor<
    /// Answered when all spans that were there are sent, or given up: each is tried once more.
    replies_to<flush_atom>::with<unit_value>>;

/// What a coordinator says to a node. A slot is a worker of the node, named as it is there.
using node_link_actor = caf::typed_actor<
    /// A job for that slot, which holds its lease now.
    reacts_to<assign_atom, std::string, job>,
    /// The attempt's job was cancelled.
    reacts_to<cancel_atom, attempt_id>,
    /// The attempt that the node went on with has lost its lease: stop it, and announce the slot
    /// when it is free.
    reacts_to<drop_atom, attempt_id>,
    /// The slot is to hand its lease back now.
    reacts_to<release_atom, std::string>>;

/// Where a node joins; the one actor that its coordinator publishes.
using node_acceptor_actor = caf::typed_actor<
    /// A node, and its link. Answered with the gateway that it belongs to from now on. conflict
    /// (another version, its name is in use), invalid_input.
    replies_to<join_atom, node_hello, caf::actor>::with<node_welcome, caf::actor>>;

/// Knows what the certificate of a connected process is for.
using node_identity_actor = caf::typed_actor<
    /// Whether that process may go by that name. permission (its certificate is for another),
    /// unavailable (it is not connected).
    replies_to<find_atom, caf::node_id, std::string>::with<unit_value>>;

/// A coordinator's side of all nodes that have joined it: their workers are the queue's workers,
/// and what they say goes to the queue, the records, the notifier and the provider's limits, as far
/// as it is about attempts that they hold; of others it is a conflict. Nodes are named by their
/// instance id, which nobody else knows.
using node_gateway_actor = node_acceptor_actor::extend_with<attempt_events_actor>::extend_with<
    conversion_records_actor>::extend_with<image_records_actor>::
    extend_with<notification_sink_actor>::extend_with<call_limits_actor>::extend<
        /// That slot is there and free.
        reacts_to<join_atom, uuid, std::string>,
        /// That slot is gone: with a failure, or (class none) because it was told to end.
        reacts_to<leave_atom, uuid, std::string, failure>,
        /// That attempt came for a slot that is gone: it is to be had again.
        reacts_to<drop_atom, uuid, attempt_id>,
        /// From the coordinator's own actor for a slot: it holds that attempt now.
        reacts_to<assign_atom, attempt_id>,
        /// The node takes no more jobs, and finishes those that it has.
        reacts_to<drain_atom, uuid>,
        /// The node is about to end.
        replies_to<leave_atom, uuid>::with<unit_value>,
        /// The node lives. conflict (it is not, or no longer, one of these nodes).
        replies_to<caf::ping_atom, uuid>::with<unit_value>,
        reacts_to<settings_atom, settings>>;

/// A node's side of its coordinator: to the node's own actors it is queue, records, notifier, and
/// the provider's limits. While no coordinator is there, what is asked fails with `unavailable`,
/// after a while.
using coordinator_link_actor =
    node_link_actor::extend_with<lease_service_actor>::extend_with<conversion_records_actor>::
        extend_with<image_records_actor>::extend_with<notification_sink_actor>::
            extend_with<call_limits_actor>::extend_with<dispatch_actor>::extend<
                /// unavailable (no coordinator is there).
                replies_to<status_atom>::with<link_status>>;

/// Connects a node to coordinators, one after the other.
using node_connector_actor = caf::typed_actor<
    /// The acceptor of the next coordinator. connection, timeout, conflict (it is none).
    replies_to<caf::connect_atom>::with<caf::actor>>;

/// Asks the others how they are; an answer is at most a second old.
using health_actor = caf::typed_actor<
    replies_to<status_atom>::with<health_report>,
    /// The same of what a readiness probe is about alone: nothing that waits for other hosts.
    replies_to<probe_atom>::with<health_report>>;

/// Starts, watches, restarts and stops all others.
using supervisor_actor = caf::typed_actor<
    /// Accept and dispatch jobs. conflict (already running).
    replies_to<start_atom>::with<unit_value>,
    /// Stop accepting and dispatching; answered when no job runs. conflict (already stopped).
    replies_to<drain_atom, milliseconds>::with<unit_value>,
    /// The same, and then end every actor in the order of shutdown; the supervisor ends last.
    replies_to<shutdown_atom, milliseconds>::with<unit_value>,
    replies_to<workers_atom>::with<std::vector<worker_status>>,
    /// The supervision tree: who runs, since when, what has failed.
    replies_to<tree_atom>::with<tree_status>,
    replies_to<settings_atom>::with<settings>,
    /// Applies all changes, or none, and tells everyone concerned.
    replies_to<settings_atom, std::vector<settings_change>>::with<settings_update>,
    /// Makes the actor of that name fail, or hang for so long, for tests. permission (chaos is
    /// off), not_found.
    replies_to<fault_atom, std::string, milliseconds>::with<unit_value>,
    /// This actor gets the directory now and after every change of it.
    reacts_to<watch_atom, caf::actor>>;

}  // namespace stayler
