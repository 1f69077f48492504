// SPDX-License-Identifier: MIT

// The service's hot paths, one at a time, for a tool that counts instructions (bench/check).
//
// usage: instructions-bench           prints the names of the paths
//        instructions-bench PATH      goes it many times, in measured_rounds(); prints how often
#include "adapters/encryption/encrypted_bytes.hpp"
#include "adapters/encryption/row_cipher.hpp"
#include "adapters/gemini/wire/gemini_wire.hpp"
#include "adapters/job_store/job_codec.hpp"
#include "adapters/job_store/memory/memory_job_store.hpp"
#include "adapters/job_store/sqlite/sqlite_job_store.hpp"
#include "http/api/json/jobs/job_json.hpp"
#include "http/api/json/jobs/job_request_json.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::bench {

using namespace adapters;

/// Once around; the argument tells the rounds apart.
using round = std::function<void(std::size_t)>;

/// The only function whose instructions are counted, with all that it calls.
[[gnu::noinline]] void measured_rounds(const round& go, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    go(i + 1);
  }
}

namespace {

constexpr timestamp start{milliseconds{1'800'000'000'000}};

[[noreturn]] void fail(std::string_view why) {
  std::fprintf(stderr, "instructions-bench: %.*s\n", static_cast<int>(why.size()), why.data());
  std::exit(1);
}

/// Ids that are the same in every run.
job_id id_of(std::size_t number) {
  job_id id;
  for (std::size_t i = 0; i < sizeof number; ++i) {
    id.value.bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  }
  return id;
}

job make_job(std::size_t number) {
  job made;
  made.id = id_of(number);
  made.request.user_id = "user-" + std::to_string(number % 100);
  made.request.conversion_id = "conversion-" + std::to_string(number);
  made.request.payload.user_image_id = to_string(id_of(number * 2));
  made.request.payload.cloth_image_id = to_string(id_of(number * 2 + 1));
  made.request.payload.options.prompt = std::string(180, 'p');
  made.request.timeout = milliseconds{600'000};
  return made;
}

job completed_job() {
  job done = make_job(1);
  done.status = job_status::completed;
  done.attempts = {{fencing_token{1}, "worker-1", start, start, {}}};
  done.calls = {{fencing_token{1}, call_state::settled, start, start, error_class::none, 1'720}};
  done.result = {"result", 1'024, 1'365, "image/jpeg", 400'000, false, "model"};
  return done;
}

round parse_submission() {
  const auto body = std::make_shared<const std::string>(
      R"({"type":"image_conversion","conversionId":"conversion-1","userId":"user-1","priority":5,)"
      R"("payload":{"userImageId":"01980000-0000-7000-8000-000000000001",)"
      R"("clothImageId":"01980000-0000-7000-8000-000000000002",)"
      R"("options":{"style":"casual","quality":"standard","prompt":")"
      + std::string(180, 'p') + R"("}}})"
  );
  return [body](std::size_t) {
    if (!http::parse_job_request(*body, {}).problems.empty()) {
      fail("the submission has a problem");
    }
  };
}

round write_job() {
  return [shown = completed_job()](std::size_t) {
    if (http::render_job(shown).empty()) {
      fail("the job is not shown");
    }
  };
}

round store_and_load_job() {
  return [value = completed_job()](std::size_t) {
    if (!decode_job(encode_job(value))) {
      fail("the job cannot be read");
    }
  };
}

store_outcome apply(job_store& store, std::vector<store_change> batch) {
  store_outcome outcome = store.execute(batch, start);
  for (const store_reply& reply : outcome.replies) {
    if (reply.error) {
      fail(reply.error.message);
    }
  }
  return outcome;
}

/// Submits, claims and completes a batch of jobs, as queue and workers do under load.
round work_through(const std::shared_ptr<job_store>& store) {
  return [store](std::size_t number) {
    constexpr std::size_t batch_size = 16;
    std::vector<store_change> submissions;
    store_op::claim claim{{}, "bench", milliseconds{60'000}};
    for (std::size_t i = 0; i < batch_size; ++i) {
      submissions.emplace_back(store_op::enqueue{make_job(number * batch_size + i)});
      claim.workers.push_back("worker-" + std::to_string(i));
    }
    apply(*store, std::move(submissions));
    const auto claimed = apply(*store, {std::move(claim)});
    std::vector<store_change> ends;
    for (const job& one : claimed.replies.front().jobs) {
      ends.emplace_back(store_op::complete{current_attempt(one), {}});
    }
    apply(*store, std::move(ends));
  };
}

round work_through_memory() {
  return work_through(make_memory_job_store());
}

encryption_keys bench_keys() {
  return encryption_keys::parse(make_encryption_key("bench").value()).value();
}

round work_through_file(const encryption_keys& keys) {
  std::string folder = (std::filesystem::temp_directory_path() / "stayler-bench-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) {
    fail("no temporary folder");
  }
  sqlite_job_store_options options;
  options.keys = keys;
  auto opened = open_sqlite_job_store(folder + "/jobs.db", options);
  if (!opened) {
    fail(opened.error().message);
  }
  const std::shared_ptr<job_store> store{opened->release(), [folder](job_store* closed) {
                                           std::default_delete<job_store>{}(closed);
                                           std::filesystem::remove_all(folder);
                                         }};
  return work_through(store);
}

round work_through_sqlite() {
  return work_through_file({});
}

round work_through_encrypted_sqlite() {
  return work_through_file(bench_keys());
}

round encrypt_job() {
  const row_cipher cipher{bench_keys(), make_pseudonym_key().value()};
  return [cipher, content = encode_job(completed_job())](std::size_t) {
    if (!cipher.decrypt("job", cipher.encrypt("job", content))) {
      fail("the job is not what it was");
    }
  };
}

round make_pseudonym() {
  const row_cipher cipher{bench_keys(), make_pseudonym_key().value()};
  return [cipher](std::size_t number) {
    if (cipher.pseudonym("user", "user-" + std::to_string(number)).empty()) {
      fail("there is no pseudonym");
    }
  };
}

round read_answer() {
  const std::string picture(1'000'000, 'A');
  const auto answer = std::make_shared<const std::string>(
      R"({"candidates":[{"content":{"role":"model","parts":[{"inlineData":{"mimeType":"image/jpeg",)"
      R"("data":")"
      + picture
      + R"("}}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":600,)"
        R"("candidatesTokenCount":1120,"totalTokenCount":1720}})"
  );
  return [answer](std::size_t) {
    if (!parse_generate_response(*answer)) {
      fail("the answer is not understood");
    }
  };
}

round encrypt_picture() {
  const auto keys = bench_keys();
  const std::vector<std::byte> picture(1'000'000);
  return [keys, picture](std::size_t) {
    const auto encrypted = encrypt(keys, "picture", picture);
    if (!encrypted || !decrypt(keys, "picture", *encrypted)) {
      fail("the picture is not what it was");
    }
  };
}

struct hot_path {
  std::string_view name;
  round (*make)();
  std::size_t rounds;
};

constexpr std::array paths{
    hot_path{"parse-submission", parse_submission, 1'000},
    hot_path{"write-job", write_job, 1'000},
    hot_path{"store-and-load-job", store_and_load_job, 1'000},
    hot_path{"16-jobs-in-memory", work_through_memory, 200},
    hot_path{"16-jobs-in-sqlite", work_through_sqlite, 50},
    hot_path{"16-encrypted-jobs-in-sqlite", work_through_encrypted_sqlite, 50},
    hot_path{"encrypt-and-decrypt-job", encrypt_job, 1'000},
    hot_path{"make-pseudonym", make_pseudonym, 1'000},
    hot_path{"read-answer-of-1-MB", read_answer, 20},
    hot_path{"encrypt-and-decrypt-1-MB", encrypt_picture, 20},
};

int run(std::string_view name) {
  for (const hot_path& path : paths) {
    if (path.name == name) {
      const round go = path.make();
      go(0);  // what is done once only is not counted
      measured_rounds(go, path.rounds);
      std::printf("%zu\n", path.rounds);
      return 0;
    }
  }
  fail("there is no such path");
}

}  // namespace

}  // namespace stayler::bench

int main(int argc, char** argv) {
  if (argc == 2) {
    return stayler::bench::run(argv[1]);
  }
  for (const auto& path : stayler::bench::paths) {
    std::printf("%.*s\n", static_cast<int>(path.name.size()), path.name.data());
  }
  return argc == 1 ? 0 : 2;
}
