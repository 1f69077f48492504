// SPDX-License-Identifier: MIT
#include "http/api/export/user_archive.hpp"

#include "adapters/json/json_writer.hpp"
#include "adapters/log/log.hpp"
#include "http/api/export/tar.hpp"
#include "http/api/json/jobs/job_json.hpp"
#include "http/api/json/user_data_json.hpp"
#include "http/api/routes/user_data/user_scope.hpp"
#include "messages/jobs/job_filter.hpp"

#include <fmt/core.h>

#include <utility>

namespace stayler::http {

namespace {

using actors::directory;
using adapters::logs::http::log;

constexpr std::uint32_t rows_per_page = 100;

std::string_view ending_of(std::string_view mime_type) {
  return mime_type == "image/jpeg"   ? ".jpg"
         : mime_type == "image/png"  ? ".png"
         : mime_type == "image/webp" ? ".webp"
                                     : ".bin";
}

/// What is wrong with one picture must not keep the user from all others: it is missing, or was
/// changed, or its row names none of ours.
bool is_of_picture(error_class kind) {
  return kind == error_class::not_found || kind == error_class::invalid_input
         || kind == error_class::internal_bug;
}

}  // namespace

user_archive::user_archive(
    bridge actors,
    http::caller caller,
    std::string user_id,
    timestamp now,
    std::shared_ptr<void> ticket
)
    : actors_(std::move(actors)),
      caller_(std::move(caller)),
      user_id_(std::move(user_id)),
      now_(now),
      ticket_(std::move(ticket)) {}

void user_archive::begin(std::function<void()> wake) {
  wake_ = std::move(wake);
}

body_stream::piece user_archive::next() {
  piece taken;
  bool wants_more = false;
  {
    const std::lock_guard lock{mutex_};
    taken = {std::exchange(ready_, {}), is_complete_};
    wants_more = !is_complete_ && !std::exchange(is_fetching_, true);
  }
  if (wants_more) {
    fetch();
  }
  return taken;
}

void user_archive::fetch() {
  switch (phase_) {
    case phase::jobs:
      return fetch_jobs();
    case phase::conversions:
      return fetch_records(user_records_query::kind::conversions);
    case phase::images:
      return fetch_records(user_records_query::kind::images);
    case phase::pictures:
      return fetch_picture();
    case phase::manifest:
      return actors_.run([self = shared_from_this()](bridge_self*) { self->end(); });
  }
}

void user_archive::fetch_jobs() {
  job_filter filter;
  filter.user_id = user_id_;
  filter.before = before_;
  const auto on_answer = [self = shared_from_this()](const result<job_page>& page) {
    page ? self->take_jobs(*page) : self->fail(page.error());
  };
  actors_.ask<job_page>(&directory::queue, on_answer, list_atom_v, filter);
}

void user_archive::take_jobs(const job_page& page) {
  job_page shown;
  for (const job& each : page.jobs) {
    shown.jobs.push_back(show_to(caller_, each));
  }
  jobs_ += page.jobs.size();
  if (!page.jobs.empty()) {
    add_file(fmt::format("jobs/{:04}.json", ++pages_), render_job_page(shown));
  }
  before_ = page.next;
  if (before_.value.is_nil()) {
    phase_ = phase::conversions;
    pages_ = 0;
  }
  wake();
}

void user_archive::fetch_records(user_records_query::kind what) {
  const auto on_answer = [self = shared_from_this()](result<user_records> some) {
    some ? self->take_records(*some) : self->fail(some.error());
  };
  actors_.ask<user_records>(
      &directory::user_data, on_answer, list_atom_v,
      user_records_query{what, user_id_, after_, rows_per_page}
  );
}

void user_archive::take_records(user_records& some) {
  if (phase_ == phase::conversions) {
    conversions_ += some.conversions.size();
    if (caller_.is_limited()) {
      // As in a job: the words may name hosts and paths.
      for (conversion_update& each : some.conversions) {
        each.error_message.clear();
      }
    }
    if (!some.conversions.empty()) {
      add_file(
          fmt::format("conversions/{:04}.json", ++pages_), render_conversions(some.conversions)
      );
      after_ = some.conversions.back().conversion_id;
    }
    if (some.conversions.size() < rows_per_page) {
      phase_ = phase::images;
      after_.clear();
      pages_ = 0;
    }
  } else if (some.images.empty()) {
    phase_ = phase::manifest;
  } else {
    images_ += some.images.size();
    add_file(fmt::format("images/{:04}.json", ++pages_), render_images(some.images));
    after_ = some.images.back().id;
    pictures_.assign(some.images.begin(), some.images.end());
    phase_ = phase::pictures;
  }
  wake();
}

void user_archive::fetch_picture() {
  const auto on_answer = [self = shared_from_this()](const result<blob_part>& part) {
    self->take_picture(part);
  };
  actors_.ask<blob_part>(
      &directory::blobs, on_answer, fetch_atom_v, pictures_.front().blob_key, offset_,
      std::uint64_t{part_bytes}
  );
}

void user_archive::take_picture(const result<blob_part>& part) {
  const image_record& row = pictures_.front();
  const bool is_begun = offset_ > 0;
  if (!part && !is_begun && is_of_picture(part.error().kind)) {
    missing_.push_back(row.id);
    end_picture();
  } else if (!part || (is_begun && part->version != picture_version_) || part->bytes->empty()) {
    fail(part ? failure{error_class::unavailable, "a picture was replaced"} : part.error());
    return;
  } else {
    if (!is_begun) {
      picture_bytes_ = part->total_bytes;
      picture_version_ = part->version;
      add(tar_head(
          "images/" + row.id + std::string{ending_of(row.mime_type)}, picture_bytes_, row.created_at
      ));
    }
    add({reinterpret_cast<const char*>(part->bytes->data()), part->bytes->size()});
    offset_ += part->bytes->size();
    if (offset_ >= picture_bytes_) {
      add(tar_padding(picture_bytes_));
      end_picture();
    }
  }
  wake();
}

void user_archive::end_picture() {
  pictures_.pop_front();
  offset_ = 0;
  if (pictures_.empty()) {
    phase_ = phase::images;
  }
}

void user_archive::end() {
  adapters::json_writer json;
  json.begin_object().field("userId", user_id_).field("createdAt", to_rfc3339(now_));
  json.field("jobs", jobs_).field("conversions", conversions_).field("images", images_);
  json.key("missingImages").begin_array();
  for (const std::string& each : missing_) {
    json.value(each);
  }
  json.end_array().end_object();
  add_file("manifest.json", json.text());
  add(tar_end());
  {
    const std::lock_guard lock{mutex_};
    is_complete_ = true;
  }
  wake();
}

/// The head of the answer is on its way, so that the archive alone can show it.
void user_archive::fail(const failure& why) {
  log.warning("a user's archive is cut off", {{"errorClass", why.kind}, {"reason", why.message}});
  {
    const std::lock_guard lock{mutex_};
    ready_ += "incomplete";  // no whole block
    is_complete_ = true;
  }
  wake();
}

void user_archive::add_file(const std::string& name, std::string_view content) {
  add(tar_head(name, content.size(), now_));
  add(content);
  add(tar_padding(content.size()));
}

void user_archive::add(std::string_view bytes) {
  const std::lock_guard lock{mutex_};
  ready_ += bytes;
}

void user_archive::wake() {
  {
    const std::lock_guard lock{mutex_};
    is_fetching_ = false;
  }
  wake_();
}

}  // namespace stayler::http
