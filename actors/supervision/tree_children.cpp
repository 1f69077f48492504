// SPDX-License-Identifier: MIT
#include "actors/supervision/tree_children.hpp"

#include "actors/images/image_library.hpp"
#include "actors/images/image_processor.hpp"
#include "actors/monitoring/alert_watch.hpp"
#include "actors/monitoring/health.hpp"
#include "actors/monitoring/metrics.hpp"
#include "actors/monitoring/span_exporter.hpp"
#include "actors/monitoring/workload_watch.hpp"
#include "actors/nodes/coordinator_link.hpp"
#include "actors/nodes/node_gateway.hpp"
#include "actors/notifications/notifier.hpp"
#include "actors/provider/client/gemini_client.hpp"
#include "actors/provider/limits/limit_exchange.hpp"
#include "actors/provider/limits/provider_limits.hpp"
#include "actors/provider/result_cache.hpp"
#include "actors/queue/queue.hpp"
#include "actors/queue/retry_scheduler.hpp"
#include "actors/storage/blob_store_io.hpp"
#include "actors/storage/parallel_blob_store_io.hpp"
#include "actors/storage/record_io.hpp"
#include "actors/storage/user_data.hpp"
#include "adapters/log/log.hpp"

#include <atomic>
#include <memory>
#include <utility>

namespace stayler::actors {

namespace {

/// The shortest for actors that wait for disks: a slow one is not a stuck one.
constexpr milliseconds blocking_ping_timeout{60'000};

child_spec make_child(
    std::string name, std::vector<std::string> depends_on, decltype(child_spec::start) start
) {
  child_spec spec;
  spec.name = std::move(name);
  spec.depends_on = std::move(depends_on);
  spec.ping_timeout = milliseconds{0};  // see allow_at_least
  spec.start = std::move(start);
  return spec;
}

child_spec blocking(child_spec spec) {
  spec.ping_timeout = blocking_ping_timeout;
  return spec;
}

child_spec flushed_first(child_spec spec) {
  spec.flush_first = true;
  return spec;
}

child_spec dispatching(child_spec spec) {
  spec.dispatches = true;
  return spec;
}

child_spec taking_settings(child_spec spec) {
  spec.takes_settings = true;
  return spec;
}

/// Enters a freshly spawned actor into the directory and hands out its untyped form.
template <class Entry, class Handle>
caf::actor enter(Entry& entry, const Handle& spawned) {
  entry = spawned;
  return caf::actor_cast<caf::actor>(spawned);
}

/// Whoever keeps the rows of images.
image_records_actor rows_of(const directory& peers) {
  return peers.records ? image_records_actor{peers.records}
                       : image_records_actor{peers.coordinator};
}

}  // namespace

child_spec metrics_child(const service_adapters& ports) {
  return make_child(
      "metrics", {},
      [ports](caf::actor_system& system, directory& peers, const settings&) {
        return enter(peers.metrics, system.spawn(metrics, metrics_options{ports.metrics}));
      }
  );
}

child_spec span_exporter_child(const service_adapters& ports) {
  return flushed_first(make_child(
      "span_exporter", {"metrics"},
      [ports](caf::actor_system& system, directory& peers, const settings& config) {
        span_exporter_options options;
        options.spans = ports.spans;
        options.http = ports.http;
        options.metrics = peers.metrics;
        options.resource = ports.span_source;
        options.url = adapters::traces_url(config.tracing);
        // The option's form was checked when it was read.
        options.headers = adapters::parse_export_headers(config.tracing.headers).value();
        return caf::actor_cast<caf::actor>(system.spawn(span_exporter, std::move(options)));
      }
  ));
}

child_spec blob_store_child(const service_adapters& ports) {
  return blocking(make_child(
      "blob_store", {},
      [ports](caf::actor_system& system, directory& peers, const settings&) {
        if (ports.has_remote_blobs) {
          parallel_blob_store_options options{ports.blobs, ports.detached_threads};
          return enter(peers.blobs, system.spawn(parallel_blob_store, std::move(options)));
        }
        return enter(
            peers.blobs, system.spawn<caf::detached>(blob_store, blob_store_options{ports.blobs})
        );
      }
  ));
}

child_spec record_io_child(const service_adapters& ports) {
  return flushed_first(blocking(make_child(
      "record_io", {},
      [ports](caf::actor_system& system, directory& peers, const settings&) {
        return enter(
            peers.records, system.spawn<caf::detached>(record_io, record_io_options{ports.records})
        );
      }
  )));
}

child_spec image_processor_child(const service_adapters& ports) {
  return make_child(
      "image_processor", {"metrics", "image_library"},
      [ports](caf::actor_system& system, directory& peers, const settings&) {
        image_processor_options options{
            ports.codec, ports.detached_threads, peers.metrics, peers.library};
        options.slots = ports.codec_processes;
        return enter(peers.images, system.spawn(image_processor, std::move(options)));
      }
  );
}

child_spec image_library_child(const service_adapters& ports, const std::string& rows) {
  return blocking(make_child(
      "image_library", {"blob_store", rows},
      [ports](caf::actor_system& system, directory& peers, const settings&) {
        image_library_options options{peers.blobs, rows_of(peers), ports.clock};
        options.web = ports.web_images;
        return enter(peers.library, system.spawn<caf::detached>(image_library, std::move(options)));
      }
  ));
}

child_spec notifier_child(const service_adapters& ports) {
  return taking_settings(flushed_first(make_child(
      "notifier", {"metrics"},
      [ports](caf::actor_system& system, directory& peers, const settings& config) {
        notifier_options options;
        options.limits = notifier_limits_from(config);
        options.channel = ports.notifications;
        options.outbox = ports.outbox;
        options.clock = ports.clock;
        options.metrics = peers.metrics;
        options.log = [](const std::string& line) { adapters::logs::notifier::log.warning(line); };
        return enter(peers.notifier, system.spawn(notifier, std::move(options)));
      }
  )));
}

child_spec result_cache_child(const service_adapters& ports) {
  return taking_settings(blocking(make_child(
      "result_cache", {"metrics"},
      [ports](caf::actor_system& system, directory& peers, const settings& config) {
        result_cache_options options;
        options.cache = ports.cache;
        options.config = config;
        options.metrics = peers.metrics;
        options.log = [](const std::string& reason) {
          adapters::logs::images::log.warning("the result cache failed", {{"reason", reason}});
        };
        return enter(peers.cache, system.spawn<caf::detached>(result_cache, std::move(options)));
      }
  )));
}

child_spec provider_limits_child(const service_adapters& ports) {
  return taking_settings(make_child(
      "provider_limits", {"metrics", "record_io"},
      [ports](caf::actor_system& system, directory& peers, const settings& config) {
        provider_limits_options options;
        options.clock = ports.clock;
        options.config = config;
        options.metrics = peers.metrics;
        options.records = peers.records;
        options.instance_id = ports.instance_id;
        if (ports.exchange) {
          options.exchange =
              system.spawn<caf::detached>(limit_exchange, limit_exchange_options{ports.exchange});
        }
        return enter(peers.limits, system.spawn(provider_limits, std::move(options)));
      }
  ));
}

child_spec gemini_client_child(
    const service_adapters& ports, std::string limits, bool makes_calls
) {
  return taking_settings(make_child(
      "gemini_client", {"metrics", "result_cache", std::move(limits)},
      [ports, makes_calls](caf::actor_system& system, directory& peers, const settings& config) {
        gemini_client_options options;
        options.http = ports.http;
        options.clock = ports.clock;
        options.config = config;
        options.metrics = peers.metrics;
        options.cache = peers.cache;
        options.spans = ports.spans;
        options.limits = peers.coordinator ? call_limits_actor{peers.coordinator}
                                           : call_limits_actor{peers.limits};
        options.checks_setup = makes_calls;
        return enter(peers.gemini, system.spawn(gemini_client, std::move(options)));
      }
  ));
}

child_spec retry_scheduler_child(const service_adapters& ports) {
  return taking_settings(make_child(
      "retry_scheduler", {},
      [ports](caf::actor_system& system, directory& peers, const settings& config) {
        retry_scheduler_options options{ports.clock, config};
        return enter(peers.retries, system.spawn(retry_scheduler, std::move(options)));
      }
  ));
}

child_spec queue_child(const service_adapters& ports) {
  return taking_settings(dispatching(make_child(
      "queue", {"metrics", "record_io", "notifier", "provider_limits", "retry_scheduler"},
      [ports](caf::actor_system& system, directory& peers, const settings& config) {
        queue_options options;
        options.store = ports.jobs;
        options.clock = ports.clock;
        options.config = config;
        options.instance_id = ports.instance_id;
        options.node = ports.node;
        options.retries = peers.retries;
        options.metrics = peers.metrics;
        options.records = peers.records;
        options.notifier = peers.notifier;
        options.limits = peers.limits;
        options.quarantines = ports.quarantines;
        peers.queue = system.spawn(queue, std::move(options));
        return enter(peers.dispatch, peers.queue);
      }
  )));
}

child_spec user_data_child(const service_adapters& ports) {
  return taking_settings(blocking(make_child(
      "user_data", {"notifier", "queue"},
      [ports](caf::actor_system& system, directory& peers, const settings& config) {
        user_data_options options;
        options.queue = peers.queue;
        options.notifier = peers.notifier;
        options.records = ports.records;
        options.blobs = ports.blobs;
        options.outbox = ports.outbox;
        options.cache = ports.cache;
        options.events = ports.events;
        options.audit = ports.audit;
        options.clock = ports.clock;
        options.tags = ports.tags;
        options.scrub = ports.scrub;
        options.config = config;
        return enter(peers.user_data, system.spawn<caf::detached>(user_data, std::move(options)));
      }
  )));
}

child_spec node_gateway_child(
    const service_adapters& ports, const node_identity_actor& identities
) {
  return taking_settings(make_child(
      "node_gateway", {"metrics", "record_io", "notifier", "provider_limits", "queue"},
      [ports, identities](caf::actor_system& system, directory& peers, const settings& config) {
        node_gateway_options options;
        options.coordinator = ports.node;
        options.version = ports.version;
        options.config = config;
        options.queue = peers.queue;
        options.records = peers.records;
        options.notifier = peers.notifier;
        options.metrics = peers.metrics;
        options.limits = peers.limits;
        options.identities = identities;
        options.quarantines = ports.quarantines;
        return enter(peers.nodes, system.spawn(node_gateway, std::move(options)));
      }
  ));
}

child_spec coordinator_link_child(const node_hello& hello, const node_connector_actor& connector) {
  return dispatching(make_child(
      "coordinator_link", {"metrics"},
      [hello, connector](caf::actor_system& system, directory& peers, const settings&) {
        coordinator_link_options options;
        options.hello = hello;
        options.connector = connector;
        options.metrics = peers.metrics;
        peers.coordinator = system.spawn(coordinator_link, std::move(options));
        return enter(peers.dispatch, peers.coordinator);
      }
  ));
}

child_spec health_child(const service_adapters& ports, std::vector<std::string> depends_on) {
  // A restart of the actor is none of the process.
  const auto has_started = std::make_shared<std::atomic<bool>>(false);
  return make_child(
      "health", std::move(depends_on),
      [ports, has_started](caf::actor_system& system, directory& peers, const settings&) {
        health_options options;
        options.parts = peers;
        options.clock = ports.clock;
        options.has_started = has_started;
        return enter(peers.health, system.spawn(health, std::move(options)));
      }
  );
}

child_spec workload_watch_child(const service_adapters& ports) {
  return make_child(
      "workload_watch", {"metrics", "provider_limits", "queue"},
      [ports](caf::actor_system& system, directory& peers, const settings&) {
        workload_watch_options options;
        options.queue = peers.queue;
        options.limits = peers.limits;
        options.metrics = peers.metrics;
        options.clock = ports.clock;
        return caf::actor_cast<caf::actor>(system.spawn(workload_watch, std::move(options)));
      }
  );
}

child_spec alert_watch_child(const service_adapters& ports) {
  return taking_settings(make_child(
      "alert_watch", {"provider_limits", "queue", "notifier"},
      [ports](caf::actor_system& system, directory& peers, const settings& config) {
        alert_watch_options options;
        options.queue = peers.queue;
        options.limits = peers.limits;
        options.notifier = peers.notifier;
        options.clock = ports.clock;
        options.instance = ports.node;
        options.notifies = config.alerts;
        return caf::actor_cast<caf::actor>(system.spawn(alert_watch, std::move(options)));
      }
  ));
}

}  // namespace stayler::actors
