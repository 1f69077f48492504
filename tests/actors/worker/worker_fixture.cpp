// SPDX-License-Identifier: MIT
#include "tests/actors/worker/worker_fixture.hpp"

namespace stayler::test {

namespace {

using script = std::shared_ptr<peer_script>;

shared_bytes some_bytes(std::size_t size = 3) {
  return std::make_shared<std::vector<std::byte>>(size, std::byte{1});
}

/// Answers a step as the script says.
template <class T>
caf::result<T> play(
    caf::event_based_actor* self, const script& s, const std::string& step, T value
) {
  s->seen.push_back(step);
  if (s->silent_at.count(step) > 0) {
    return self->make_response_promise<T>();
  }
  if (s->fail_at.count(step) > 0) {
    return actors::to_error(s->fail_at[step]);
  }
  return value;
}

caf::behavior fake_queue(caf::event_based_actor* self, script s) {
  return {
      [s](join_atom, const std::string& id, const worker_actor&) {
        s->seen.push_back("join " + id);
      },
      [s](leave_atom, const std::string&) {
        s->seen.emplace_back("leave");
        return true;
      },
      [s](renew_atom, const attempt_id&) -> caf::result<unit_value> {
        ++s->renewals;
        if (s->refuse_renewal) {
          return actors::to_error(s->refuse_renewal);
        }
        return unit_value{};
      },
      [self, s](open_call_atom, const attempt_id&) {
        return play(self, s, "open call", unit_value{});
      },
      [self, s](settle_call_atom, const attempt_id&, const call_settlement& settlement) {
        return play(
            self, s, "settle call: " + std::string{to_string(settlement.outcome)}, unit_value{}
        );
      },
      [self, s](report_atom, const attempt_id&, const job_progress& progress) {
        s->reports.push_back(progress);
        return play(self, s, "report " + std::string{to_string(progress.stage)}, unit_value{});
      },
      [s](finish_atom, const attempt_id&,
          const attempt_outcome& outcome) -> caf::result<unit_value> {
        s->outcomes.push_back(outcome);
        if (!s->refuse_finish.empty()) {
          const failure refused = s->refuse_finish.front();
          s->refuse_finish.erase(s->refuse_finish.begin());
          return actors::to_error(refused);
        }
        return unit_value{};
      },
  };
}

caf::behavior fake_library(caf::event_based_actor* self, script s) {
  return {
      [self, s](store_atom, const new_image& image) {
        s->stored.push_back(image);
        image_record record;
        record.id = image.id;
        record.width = 10;
        record.mime_type = "image/jpeg";
        return play(self, s, "store", record);
      },
      [](find_atom, const std::string& id) {
        image_record record;
        record.id = id;
        record.width = 77;
        return record;
      },
      [self, s](remove_atom, const std::string&) { return play(self, s, "remove", unit_value{}); },
  };
}

caf::behavior fake_images(caf::event_based_actor* self, script s) {
  return {
      [self, s](prepare_atom, const std::string& id) {
        image_signature signature;
        signature.cells.front() = {++s->signatures, 128, 128};
        const encoded_image picture{some_bytes(), {image_format::jpeg, 768, 1024}};
        return play(self, s, "prepare " + id, prepared_image{picture, signature});
      },
      [self,
       s](finish_atom, const shared_bytes& bytes, image_format format,
          const std::vector<image_signature>& inputs) {
        s->compared_with = inputs;
        const encoded_image picture{bytes, {format, 10, 20}};
        return play(self, s, "finish", finished_image{picture, picture});
      },
      [self, s](transform_atom, const std::string& id, const std::vector<image_operation>&) {
        const encoded_image picture{some_bytes(), {image_format::png, 10, 20}};
        return play(self, s, "transform " + id, finished_image{picture, picture});
      },
  };
}

caf::behavior fake_gemini(caf::event_based_actor* self, script s) {
  return {
      [self, s](generate_atom, const generation_request& request) {
        s->generated.push_back(request);
        return play(
            self, s, "generate", generation_result{some_bytes(), "image/jpeg", {}, "m", "r"}
        );
      },
      [s](abort_atom, const attempt_id&) { s->seen.emplace_back("abort"); },
  };
}

caf::behavior fake_records(caf::event_based_actor* self, script s) {
  return {
      [self, s](record_atom, const conversion_update& update) {
        s->records.push_back(update);
        return play(self, s, "record " + std::string{to_string(update.status)}, unit_value{});
      },
      [s](fetch_atom, const std::string&) { return s->recorded; },
  };
}

caf::behavior fake_notifier(caf::event_based_actor* self, script s) {
  return {[self, s](notify_atom, const notification& event) {
    s->notifications.push_back(event);
    return play(self, s, "notify", unit_value{});
  }};
}

caf::behavior fake_metrics(caf::event_based_actor*, script s) {
  return {[s](const stage_event& event) {
    s->seen.push_back("left " + std::string{to_string(event.stage)});
  }};
}

}  // namespace

worker_fixture::worker_fixture() {
  actors::worker_options options;
  options.worker_id = "worker-1";
  options.clock = clock();
  options.peers.queue = spawn_fake<queue_actor>(fake_queue, peers);
  options.peers.library = spawn_fake<image_library_actor>(fake_library, peers);
  options.peers.images = spawn_fake<image_processor_actor>(fake_images, peers);
  options.peers.gemini = spawn_fake<gemini_client_actor>(fake_gemini, peers);
  options.peers.records = spawn_fake<record_io_actor>(fake_records, peers);
  options.peers.notifier = spawn_fake<notifier_actor>(fake_notifier, peers);
  options.peers.metrics = spawn_fake<metrics_actor>(fake_metrics, peers);
  worker = spawn(actors::worker, options);
}

job worker_fixture::conversion_job(std::uint64_t token) {
  job j;
  j.id = job_id{make_uuid_v7(std::chrono::system_clock::now())};
  j.token = fencing_token{token};
  j.request.conversion_id = "c1";
  j.request.user_id = "u1";
  j.request.payload.user_image_id = "person";
  j.request.payload.cloth_image_id = "garment";
  j.request.timeout = std::chrono::seconds{600};
  j.status = job_status::processing;
  return j;
}

}  // namespace stayler::test
