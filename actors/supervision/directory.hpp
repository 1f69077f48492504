// SPDX-License-Identifier: MIT
#pragma once

#include "messages/protocol.hpp"

namespace stayler::actors {

/// The current handles of the core actors. A restart changes a handle, so nobody keeps one for
/// longer than the directory it came in; the supervisor sends a new directory after each change. A
/// request to a handle that has just become stale fails at once with `unavailable`.
struct directory {
  metrics_actor metrics;
  blob_store_actor blobs;
  record_io_actor records;
  image_processor_actor images;
  image_library_actor library;
  notifier_actor notifier;
  result_cache_actor cache;
  provider_limits_actor limits;
  gemini_client_actor gemini;
  retry_scheduler_actor retries;
  queue_actor queue;
  node_gateway_actor nodes;            ///< null where no nodes are taken in
  coordinator_link_actor coordinator;  ///< of a worker node, in place of queue and records
  dispatch_actor dispatch;             ///< the queue, or that link
  user_data_actor user_data;           ///< null on a worker node
  health_actor health;
};

}  // namespace stayler::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::actors::directory)
