// SPDX-License-Identifier: MIT
#include "tests/integration/http/api/fakes.hpp"

#include "actors/support/reply_promise.hpp"
#include "adapters/config/settings_rules.hpp"
#include "adapters/job_store/job_store.hpp"
#include "messages/jobs/job_filter.hpp"
#include "messages/jobs/submission.hpp"
#include "tests/integration/http/api/fake_records.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace stayler::test {

using namespace std::chrono_literals;
using actors::to_error;

namespace {

/// Bytes; what is smaller is no picture.
constexpr std::size_t smallest_picture = 18;

failure no_such(const std::string& what) {
  return {error_class::not_found, "no " + what};
}

struct fake_queue_state {
  std::map<job_id, job> jobs;
  std::map<std::string, job_id> keys;
  std::vector<job_type> paused;
};

using queue_pointer = queue_actor::stateful_pointer<fake_queue_state>;

result<submit_receipt> take(queue_pointer self, const job_request& request) {
  auto& state = self->state;
  if (request.user_id == "nobody") {
    return failure{error_class::unavailable, "not accepting", 2'500ms};
  }
  const auto known = state.keys.find(request.idempotency_key);
  if (!request.idempotency_key.empty() && known != state.keys.end()) {
    const job& earlier = state.jobs.at(known->second);
    if (request.user_id == earlier.request.user_id
        && adapters::reuses_key(request, earlier.request)) {
      return failure{error_class::key_reused, "the key belongs to another request"};
    }
    return submit_receipt{earlier, true};
  }
  if (request.user_id == "full") {
    return failure{error_class::rate_limited, "the queue is full", 5'000ms};
  }
  if (request.user_id == "no-room") {
    return failure{error_class::store_full, "the disk is full"};
  }
  job added;
  added.id = job_id{make_uuid_v7(std::chrono::system_clock::now())};
  added.request = request;
  added.status = request.user_id == "dead" ? job_status::failed : job_status::pending;
  added.created_at = to_timestamp(std::chrono::system_clock::now());
  state.jobs[added.id] = added;
  state.keys[request.idempotency_key] = added.id;
  return submit_receipt{added, false};
}

/// Retry and drop: what counts is only that a dead letter is one.
caf::result<job> dead_letter(queue_pointer self, const job_id& id) {
  const auto found = self->state.jobs.find(id);
  if (found == self->state.jobs.end()) {
    return to_error(no_such("job"));
  }
  if (found->second.status != job_status::failed) {
    return to_error({error_class::conflict, "the job is no dead letter"});
  }
  return found->second;
}

void pause_or_resume(queue_pointer self, job_type type, bool is_paused) {
  std::erase(self->state.paused, type);
  if (is_paused) {
    self->state.paused.push_back(type);
  }
}

caf::result<job> end_job(queue_pointer self, const job_id& id) {
  const auto found = self->state.jobs.find(id);
  if (found == self->state.jobs.end()) {
    return to_error(no_such("job"));
  }
  if (is_final(found->second.status)) {
    return to_error({error_class::conflict, "the job is cancelled already"});
  }
  found->second.status = job_status::cancelled;
  return found->second;
}

queue_actor::behavior_type fake_queue(queue_pointer self) {
  return {
      [self](submit_atom, const job_request& request) {
        return actors::to_caf_result(take(self, request));
      },
      [self](find_atom, const job_id& id) -> caf::result<job> {
        const auto found = self->state.jobs.find(id);
        if (found == self->state.jobs.end()) {
          return to_error(no_such("job"));
        }
        return found->second;
      },
      [self](list_atom, const job_filter& filter) {
        job_page page;
        for (const auto& [id, each] : self->state.jobs) {
          const bool is_wanted =
              filter.statuses.empty() || std::ranges::count(filter.statuses, each.status) > 0;
          const bool is_of_class =
              filter.errors.empty() || std::ranges::count(filter.errors, each.error.kind) > 0;
          if (is_wanted && is_of_class
              && (filter.user_id.empty() || filter.user_id == each.request.user_id)) {
            page.jobs.push_back(each);
          }
        }
        return page;
      },
      [self](cancel_atom, const job_id& id) { return end_job(self, id); },
      [self](process_atom, const job_id& id, precedence over) -> caf::result<job> {
        const auto found = self->state.jobs.find(id);
        if (found != self->state.jobs.end()) {
          found->second.worker_id = over == precedence::all_jobs ? "all-jobs" : "own-jobs";
        }
        return end_job(self, id);
      },
      [self](submit_atom, const std::vector<job_request>& requests) {
        std::vector<submit_answer> answers;
        for (const job_request& request : requests) {
          auto taken = take(self, request);
          answers.push_back(
              taken ? submit_answer{{}, *std::move(taken)} : submit_answer{taken.error(), {}}
          );
        }
        return answers;
      },
      [self](retry_atom, const job_id& id) { return dead_letter(self, id); },
      [](retry_atom, const job_filter& filter) {
        return retry_report{filter.errors.size() + 10 * filter.types.size(), 2};
      },
      [self](drop_atom, const job_id& id) { return dead_letter(self, id); },
      [self](pause_atom, job_type type, bool is_paused) {
        pause_or_resume(self, type, is_paused);
        return unit_value{};
      },
      [](open_call_atom, const attempt_id&) { return unit_value{}; },
      [](settle_call_atom, const attempt_id&, const call_settlement&) { return unit_value{}; },
      [self](status_atom) {
        queue_status status;
        status.paused = self->state.paused;
        status.state = service_state::running;
        status.counts.accepted = 4;
        status.counts.completed = 3;
        status.counts.failed = 1;
        status.workers.push_back({"w1", "here", true, job_id{}, {}, {}, 3, 0});
        return status;
      },
      [](join_atom, const std::string&, const worker_actor&) {},
      [](adopt_atom, const std::string&, const worker_actor&, const attempt_id&) {
        return unit_value{};
      },
      [](leave_atom, const std::string&) { return true; },
      [](renew_atom, const attempt_id&) { return unit_value{}; },
      [](report_atom, const attempt_id&, const job_progress&) { return unit_value{}; },
      [](finish_atom, const attempt_id&, const attempt_outcome&) { return unit_value{}; },
      [](due_atom) {},
      [](capacity_atom, const provider_capacity&) {},
      [](start_atom) { return unit_value{}; },
      [](drain_atom, milliseconds) { return unit_value{}; },
      [](settings_atom, const settings&) {},
  };
}

struct fake_library_state {
  std::shared_ptr<fake_rows> rows;
  std::map<std::string, stored_image> images;
};

using library_pointer = image_library_actor::stateful_pointer<fake_library_state>;

image_record keep(library_pointer self, const new_image& image) {
  image_record row;
  row.id = "img-" + std::to_string(self->state.images.size() + 1);
  row.user_id = image.user_id;
  row.type = image.type;
  row.file_name = image.file_name;
  row.bytes = image.content.picture.bytes->size();
  row.mime_type = mime_type_of(image.content.picture.info.format);
  row.width = image.content.picture.info.width;
  row.height = image.content.picture.info.height;
  row.checksum = "c0ffee";
  row.blob_key = row.id;
  row.thumbnail_key = row.type == "vendor" ? row.id : "";
  self->state.images[row.id] = {row, image.content.picture.bytes};
  self->state.rows->put(row);
  return row;
}

std::shared_ptr<const std::vector<std::byte>> pattern(std::size_t count) {
  std::vector<std::byte> bytes(count);
  for (std::size_t i = 0; i < count; ++i) {
    bytes[i] = pattern_at(i);
  }
  return std::make_shared<const std::vector<std::byte>>(std::move(bytes));
}

/// The image "row-text-html" is one whose row says that it is text/html, "bytes-1000" has so many.
std::optional<stored_image> image_of_the_application(const std::string& id) {
  const std::string large = "bytes-";
  if (id.find(large) == 0) {
    stored_image image;
    image.record.id = id;
    image.record.blob_key = id;
    image.record.mime_type = "image/png";
    image.bytes = pattern(std::stoul(id.substr(large.size())));
    return image;
  }
  const std::string beginning = "row-";
  if (id.find(beginning) != 0) {
    return std::nullopt;
  }
  stored_image image;
  image.record.id = id;
  image.record.blob_key = id;
  image.record.mime_type = id.substr(beginning.size());
  std::replace(image.record.mime_type.begin(), image.record.mime_type.end(), '-', '/');
  image.bytes = std::make_shared<const std::vector<std::byte>>(3);
  return image;
}

std::optional<stored_image> find_image(library_pointer self, const std::string& id) {
  if (auto image = image_of_the_application(id)) {
    return image;
  }
  const auto found = self->state.images.find(id);
  return found == self->state.images.end() ? std::nullopt : std::optional{found->second};
}

caf::result<stored_image> look_up(library_pointer self, const std::string& id) {
  if (const auto image = find_image(self, id)) {
    return *image;
  }
  return to_error(no_such("image"));
}

caf::result<stored_part> look_up_part(
    library_pointer self, const std::string& id, std::uint64_t offset, std::uint64_t count
) {
  const auto image = find_image(self, id);
  if (!image) {
    return to_error(no_such("image"));
  }
  const std::uint64_t size = image->bytes->size();
  const auto from = std::min(offset, size);
  const auto* first = image->bytes->data() + from;
  const auto* last = first + std::min(count, size - from);
  return stored_part{
      image->record, {std::make_shared<const std::vector<std::byte>>(first, last), size, "v1"}};
}

image_library_actor::behavior_type fake_library(
    library_pointer self, const std::shared_ptr<fake_rows>& rows
) {
  self->state.rows = rows;
  return {
      [self](store_atom, const new_image& image) { return keep(self, image); },
      [self](find_atom, const std::string& id) -> caf::result<image_record> {
        if (id == "unknowable") {
          return to_error({error_class::unavailable, "the database is away"});
        }
        const auto found = self->state.images.find(id);
        if (found == self->state.images.end()) {
          return to_error(no_such("image"));
        }
        return found->second.record;
      },
      [self](fetch_atom, const std::string& id) { return look_up(self, id); },
      [](download_atom, const std::string&) -> caf::result<stored_image> {
        return to_error(no_such("image"));
      },
      [self](fetch_atom, const std::string& id, std::uint64_t offset, std::uint64_t count) {
        return look_up_part(self, id, offset, count);
      },
      [self](
          thumbnail_atom, const std::string& id, std::uint64_t offset, std::uint64_t count
      ) -> caf::result<stored_part> {
        const auto image = find_image(self, id);
        if (!image || image->record.thumbnail_key.empty()) {
          return to_error(no_such("thumbnail"));
        }
        return look_up_part(self, id, offset, count);
      },
      [self](remove_atom, const std::string& id) -> caf::result<unit_value> {
        self->state.rows->remove(id);
        if (self->state.images.erase(id) == 0) {
          return to_error(no_such("image"));
        }
        return unit_value{};
      },
  };
}

/// The blobs of the fake library, whose keys are the ids of the images.
caf::behavior fake_blobs(caf::event_based_actor* self, const image_library_actor& library) {
  return {[self,
           library](fetch_atom, const std::string& key, std::uint64_t offset, std::uint64_t count) {
    auto answer = self->make_response_promise();
    self->request(library, caf::infinite, fetch_atom_v, key, offset, count)
        .then(
            [answer](const stored_part& part) mutable { answer.deliver(part.content); },
            [answer](caf::error& error) mutable { answer.deliver(std::move(error)); }
        );
    return answer;
  }};
}

image_processor_actor::behavior_type fake_processor() {
  return {
      [](sanitize_atom, const shared_bytes& bytes) -> caf::result<sanitized_image> {
        if (bytes->size() < smallest_picture) {
          return to_error({error_class::invalid_input, "the picture is cut off"});
        }
        return sanitized_image{{{bytes, {image_format::png, 3, 4}}, {}}, image_format::png};
      },
      [](prepare_atom, const std::string&) { return prepared_image{}; },
      [](finish_atom, const shared_bytes&, image_format, const std::vector<image_signature>&) {
        return finished_image{};
      },
      [](transform_atom, const std::string&, const std::vector<image_operation>&) {
        return finished_image{};
      },
      [](status_atom) { return codec_status{}; },
  };
}

struct fake_metrics_state {
  std::vector<http_event> seen;
  http_memory_report memory;
};

metrics_actor::behavior_type fake_metrics(metrics_actor::stateful_pointer<fake_metrics_state> self
) {
  return {
      [](const queue_report&) {},
      [](const stage_event&) {},
      [](const provider_event&) {},
      [](const provider_status&) {},
      [](const cache_event&) {},
      [self](const std::vector<http_event>& events) {
        self->state.seen.insert(self->state.seen.end(), events.begin(), events.end());
      },
      [](const audit_report&) {},
      [](const notification_report&) {},
      [](const restart_event&) {},
      [](const codec_status&) {},
      [](const certificate_event&) {},
      [self](const http_memory_report& report) { self->state.memory = report; },
      [](const tree_report&) {},
      [](const node_report&) {},
      [](const link_report&) {},
      [self](render_atom) {
        std::string text;
        for (const auto& share : self->state.memory.shares) {
          text += share.name + " refused " + std::to_string(share.refused) + "\n";
        }
        for (const auto& event : self->state.seen) {
          text += event.method + " " + event.route + " " + std::to_string(event.status) + "\n";
        }
        return text;
      },
      [](status_atom) {
        latency_report report;
        report.stages.push_back({"total", 7, 0.5, 1, 2});
        return report;
      },
  };
}

health_actor::behavior_type fake_health() {
  return {[](status_atom) {
    health_report report;
    report.state = health_state::degraded;
    report.is_ready = false;
    report.checks.push_back({"gemini", health_state::degraded, "slow", 5ms});
    return report;
  }};
}

struct fake_supervisor_state {
  settings config;
  bool is_running = true;
};

using supervisor_pointer = supervisor_actor::stateful_pointer<fake_supervisor_state>;

caf::result<unit_value> switch_to(supervisor_pointer self, bool running) {
  if (self->state.is_running == running) {
    return to_error({error_class::conflict, running ? "already running" : "already stopped"});
  }
  self->state.is_running = running;
  return unit_value{};
}

supervisor_actor::behavior_type fake_supervisor(
    supervisor_pointer self, const actors::directory& parts
) {
  self->state.config.retry.max_retries = 4;
  return {
      [self](start_atom) { return switch_to(self, true); },
      [self](drain_atom, milliseconds) { return switch_to(self, false); },
      [](shutdown_atom, milliseconds) { return unit_value{}; },
      [](workers_atom) {
        return std::vector<worker_status>{{"w1", "here", false, {}, {}, {}, 3, 1}};
      },
      [self](settings_atom) { return self->state.config; },
      [self](settings_atom, const std::vector<settings_change>& changes) {
        auto update = adapters::apply_changes(self->state.config, changes);
        self->state.config = update.effective;
        return update;
      },
      [](tree_atom) {
        tree_status tree;
        tree.max_restarts = 10;
        tree.core.push_back(
            {"queue",
             child_state::running,
             restart_rule::permanent,
             {"metrics"},
             2,
             {},
             5,
             {},
             "it threw"}
        );
        return tree;
      },
      [](fault_atom, const std::string& child, milliseconds hang_for) -> caf::result<unit_value> {
        if (child == "queue" && hang_for < milliseconds{2'000}) {
          return unit_value{};
        }
        return to_error({error_class::permission, "chaos is off"});
      },
      [parts](watch_atom, const caf::actor& watcher) { caf::anon_send(watcher, parts); },
  };
}

template <class Function, class... Args>
auto spawn_into(
    std::vector<caf::actor>& all, caf::actor_system& system, Function behaviour, Args&&... args
) {
  auto made = system.spawn(behaviour, std::forward<Args>(args)...);
  all.push_back(caf::actor_cast<caf::actor>(made));
  return made;
}

}  // namespace

fake_actors spawn_fakes(caf::actor_system& system, bool has_parts) {
  fake_actors made;
  if (has_parts) {
    const auto images = std::make_shared<fake_rows>();
    made.parts.queue = spawn_into(made.all, system, fake_queue);
    made.parts.records = spawn_into(made.all, system, fake_records, images);
    made.parts.library = spawn_into(made.all, system, fake_library, images);
    made.parts.blobs = caf::actor_cast<blob_store_actor>(
        spawn_into(made.all, system, fake_blobs, made.parts.library)
    );
    made.parts.images = spawn_into(made.all, system, fake_processor);
    made.parts.metrics = spawn_into(made.all, system, fake_metrics);
    made.parts.health = spawn_into(made.all, system, fake_health);
  }
  made.supervisor = spawn_into(made.all, system, fake_supervisor, made.parts);
  return made;
}

}  // namespace stayler::test
