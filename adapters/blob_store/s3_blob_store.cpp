// SPDX-License-Identifier: MIT
#include "adapters/blob_store/s3_blob_store.hpp"

#include "adapters/blob_store/blob_key.hpp"
#include "adapters/checksum/checksum.hpp"
#include "adapters/s3/s3_xml.hpp"
#include "messages/base/text.hpp"
#include "messages/base/uuid.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

namespace stayler::adapters {

namespace {

constexpr std::size_t largest_in_one_piece = 16UL * 1024 * 1024;
constexpr std::size_t part_size = 8UL * 1024 * 1024;

/// What an aborted upload may still cost.
constexpr milliseconds abort_timeout{3'000};

/// Metadata that the store keeps with an object and shows as a header.
constexpr const char* checksum_header = "x-amz-meta-sha256";

// "~" cannot occur in a key, so that no blob is ever mistaken for one of these.
constexpr const char* probe_prefix = "~probe-";

/// An object that somebody else has put there may come without a checksum.
failure check_body(const http_response& answer) {
  const auto expected = answer.header(checksum_header);
  const bool is_whole =
      expected.empty() || expected == sha256_hex(std::as_bytes(std::span{answer.body}));
  return is_whole ? failure{}
                  : failure{error_class::unavailable, "the bytes do not match their checksum"};
}

/// Of the object of which the answer has a part ("bytes 0-99/1234").
std::optional<std::uint64_t> total_of(const http_response& answer) {
  const auto range = answer.header("content-range");
  const auto slash = range.find('/');
  return slash == std::string_view::npos ? std::nullopt
                                         : parse_number<std::uint64_t>(range.substr(slash + 1));
}

/// The checksum is that of the whole object.
failure check_part(const http_response& answer) {
  if (answer.status != 206) {
    return check_body(answer);
  }
  const auto total = total_of(answer);
  if (!total) {
    return {error_class::unavailable, "no usable Content-Range"};
  }
  return *total == answer.body.size() ? check_body(answer) : failure{};
}

/// S3 may find out that an upload cannot be completed after it has begun to answer with 200.
failure check_completion(const http_response& answer) {
  return xml_text(answer.body, "ETag").empty()
             ? failure{error_class::unavailable, "the parts were not put together"}
             : failure{};
}

class s3_blob_store final : public blob_store {
 public:
  explicit s3_blob_store(s3_options options) : client_(std::move(options)) {}

  void_result put(const std::string& key, const shared_bytes& bytes) override {
    if (auto valid = check_blob_key(key); !valid) {
      return valid;
    }
    if (bytes == nullptr) {
      return failure{error_class::invalid_input, "no bytes for the blob " + key};
    }
    return write(key, bytes, client_.usual_patience(), {});
  }

  result<bool> replace(
      const std::string& key, const shared_bytes& bytes, const std::string& version
  ) override {
    if (auto valid = check_blob_key(key); !valid) {
      return std::move(valid).error();
    }
    if (bytes == nullptr) {
      return failure{error_class::invalid_input, "no bytes for the blob " + key};
    }
    // RFC 9110, 13.1.1: only while the object is that one.
    const auto written = write(key, bytes, client_.usual_patience(), {{"if-match", version}});
    if (written) {
      return true;
    }
    const error_class why = written.error().kind;
    const bool is_another = why == error_class::conflict || why == error_class::not_found;
    return is_another ? result<bool>{false} : result<bool>{written.error()};
  }

  void_result visit(const std::function<bool(const std::string& key)>& each) override {
    const auto& where = client_.options().where;
    const std::string prefix = where.path.substr(where.bucket.size());
    std::string next;
    do {
      s3_call list{"GET", "", {{"list-type", "2"}, {"prefix", prefix}}};
      if (!next.empty()) {
        list.query.emplace_back("continuation-token", next);
      }
      const auto page = client_.call(list, client_.usual_patience());
      if (!page) {
        return page.error();
      }
      for (const std::string& name : xml_texts(page->body, "Key")) {
        const std::string key = name.substr(std::min(prefix.size(), name.size()));
        // Probes, and what others have put there, are none of ours.
        if (check_blob_key(key) && !each(key)) {
          return ok();
        }
      }
      next = xml_text(page->body, "NextContinuationToken");
    } while (!next.empty());
    return ok();
  }

  result<shared_bytes> get(const std::string& key) override {
    if (auto valid = check_blob_key(key); !valid) {
      return std::move(valid).error();
    }
    return read(key, client_.usual_patience());
  }

  result<blob_part> get_part(const std::string& key, std::uint64_t offset, std::uint64_t count)
      override {
    if (auto valid = check_blob_key(key); !valid) {
      return std::move(valid).error();
    }
    const auto patience = client_.usual_patience();
    if (count == 0) {
      return measure(key, patience);
    }
    auto part = read_part(key, offset, count, patience);
    // Nothing lies there.
    return part || part.error().kind != error_class::invalid_input ? part : measure(key, patience);
  }

  void_result remove(const std::string& key) override {
    if (auto valid = check_blob_key(key); !valid) {
      return valid;
    }
    return erase(key, client_.usual_patience());
  }

  void_result probe() override {
    const auto content = std::make_shared<const std::vector<std::byte>>(64, std::byte{0x5A});
    const std::string key =
        probe_prefix + to_string(make_uuid_v7(std::chrono::system_clock::now()));
    const s3_patience once{std::chrono::steady_clock::now() + client_.options().probe_timeout, 1};
    if (auto written = put_whole(key, content, once); !written) {
      return written;
    }
    const auto found = read(key, once);
    auto removed = erase(key, once);
    if (!found) {
      return found.error();
    }
    if (**found != *content) {
      return failure{error_class::unavailable, "S3 reads back other bytes than written"};
    }
    return removed;
  }

 private:
  static void_result without_answer(result<http_response> outcome) {
    return outcome ? ok() : void_result{std::move(outcome).error()};
  }

  void ask_for_encryption(name_values& headers) const {
    const auto& where = client_.options().where;
    if (!where.encryption.empty()) {
      headers.emplace_back("x-amz-server-side-encryption", where.encryption);
    }
    if (!where.kms_key.empty()) {
      headers.emplace_back("x-amz-server-side-encryption-aws-kms-key-id", where.kms_key);
    }
  }

  void_result write(
      const std::string& key,
      const shared_bytes& bytes,
      const s3_patience& patience,
      const name_values& condition
  ) {
    return bytes->size() > largest_in_one_piece ? put_in_parts(key, bytes, patience, condition)
                                                : put_whole(key, bytes, patience, condition);
  }

  void_result put_whole(
      const std::string& key,
      const shared_bytes& bytes,
      const s3_patience& patience,
      const name_values& condition = {}
  ) {
    s3_call call{"PUT", key, {}, condition};
    call.body = std::span{*bytes};
    call.body_hash = sha256_hex(*bytes);
    call.headers.emplace_back(checksum_header, call.body_hash);
    ask_for_encryption(call.headers);
    return without_answer(client_.call(call, patience));
  }

  result<shared_bytes> read(const std::string& key, const s3_patience& patience) {
    s3_call call{"GET", key};
    call.verify = check_body;
    const auto answer = client_.call(call, patience);
    if (!answer) {
      return answer.error();
    }
    const auto bytes = std::as_bytes(std::span{answer->body});
    return shared_bytes{std::make_shared<const std::vector<std::byte>>(bytes.begin(), bytes.end())};
  }

  /// An empty part. Asks for a byte: of a key that is not there, HEAD would not say why.
  result<blob_part> measure(const std::string& key, const s3_patience& patience) {
    auto part = read_part(key, 0, 1, patience);
    if (!part && part.error().kind == error_class::invalid_input) {
      part = blob_part{};
    }
    if (part) {
      part->bytes = std::make_shared<const std::vector<std::byte>>();
    }
    return part;
  }

  result<blob_part> read_part(
      const std::string& key, std::uint64_t offset, std::uint64_t count, const s3_patience& patience
  ) {
    const auto last =
        offset + std::min(count, std::numeric_limits<std::uint64_t>::max() - offset) - 1;
    s3_call call{"GET", key};
    call.headers.emplace_back("range", fmt::format("bytes={}-{}", offset, last));
    call.verify = check_part;
    const auto answer = client_.call(call, patience);
    if (!answer) {
      return answer.error();
    }
    // A store that knows no ranges answers with all there is.
    auto bytes = std::as_bytes(std::span{answer->body});
    const auto total = total_of(*answer).value_or(bytes.size());
    if (answer->status == 200) {
      bytes = bytes.subspan(std::min<std::uint64_t>(offset, bytes.size()));
      bytes = bytes.first(std::min<std::uint64_t>(count, bytes.size()));
    }
    return blob_part{
        std::make_shared<const std::vector<std::byte>>(bytes.begin(), bytes.end()), total,
        std::string{answer->header("etag")}};
  }

  void_result erase(const std::string& key, const s3_patience& patience) {
    auto answer = client_.call({"DELETE", key}, patience);
    const bool is_gone = answer || answer.error().kind == error_class::not_found;
    return is_gone ? ok() : without_answer(std::move(answer));
  }

  void_result put_in_parts(
      const std::string& key,
      const shared_bytes& bytes,
      const s3_patience& patience,
      const name_values& condition
  ) {
    const std::string hash = sha256_hex(*bytes);
    s3_call begin{"POST", key, {{"uploads", ""}}, {{checksum_header, hash}}};
    begin.body = std::span<const std::byte>{};
    ask_for_encryption(begin.headers);
    const auto begun = client_.call(begin, patience);
    if (!begun) {
      return begun.error();
    }
    const std::string upload = xml_text(begun->body, "UploadId");
    if (upload.empty()) {
      return failure{error_class::unavailable, "S3 POST " + key + ": no upload id"};
    }
    auto parts = send_parts(key, upload, bytes, patience);
    auto done = parts ? complete(key, upload, *parts, hash, patience, condition)
                      : void_result{std::move(parts).error()};
    if (!done) {
      abort(key, upload);
    }
    return done;
  }

  /// The list of the parts as S3 wants to have it repeated.
  result<std::string> send_parts(
      const std::string& key,
      const std::string& upload,
      const shared_bytes& bytes,
      const s3_patience& patience
  ) {
    std::string list;
    std::span<const std::byte> left{*bytes};
    for (int n = 1; !left.empty(); ++n) {
      const std::string number = std::to_string(n);
      s3_call part{"PUT", key, {{"partNumber", number}, {"uploadId", upload}}};
      part.body = left.first(std::min(part_size, left.size()));
      const auto answer = client_.call(part, patience);
      if (!answer) {
        return answer.error();
      }
      list += "<Part><PartNumber>" + number + "</PartNumber><ETag>"
              + std::string{answer->header("etag")} + "</ETag></Part>";
      left = left.subspan(part.body->size());
    }
    return list;
  }

  void_result complete(
      const std::string& key,
      const std::string& upload,
      const std::string& parts,
      const std::string& hash,
      const s3_patience& patience,
      const name_values& condition
  ) {
    const std::string xml =
        "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" + parts
        + "</CompleteMultipartUpload>";
    s3_call call{"POST", key, {{"uploadId", upload}}, {{"content-type", "application/xml"}}};
    call.headers.insert(call.headers.end(), condition.begin(), condition.end());
    call.body = std::as_bytes(std::span{xml});
    call.verify = check_completion;
    auto answer = client_.call(call, patience);
    // An earlier try may have been done whose answer was lost.
    const bool is_done =
        answer || (answer.error().kind == error_class::not_found && holds(key, hash, patience));
    return is_done ? ok() : without_answer(std::move(answer));
  }

  bool holds(const std::string& key, const std::string& hash, const s3_patience& patience) {
    const auto head = client_.call({"HEAD", key}, patience);
    return head && head->header(checksum_header) == hash;
  }

  /// Parts of an upload that is never completed would be paid for; where even this fails, a
  /// lifecycle rule of the bucket has to remove them.
  void abort(const std::string& key, const std::string& upload) {
    static_cast<void>(client_.call(
        {"DELETE", key, {{"uploadId", upload}}},
        {std::chrono::steady_clock::now() + abort_timeout, 1}
    ));
  }

  s3_client client_;
};

}  // namespace

std::unique_ptr<blob_store> make_s3_blob_store(s3_options options) {
  return std::make_unique<s3_blob_store>(std::move(options));
}

}  // namespace stayler::adapters
