// SPDX-License-Identifier: MIT
#pragma once

#include "http/server/server.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::test {

/// How an S3 server answers instead of doing what it is asked.
struct s3_fault {
  enum class kind : std::uint8_t {
    refuse,    ///< status and code
    reset,     ///< the connection is reset
    truncate,  ///< done, but the answer's body is cut off
    hang,      ///< nothing is ever answered
    forget,    ///< done, but the answer is a 500
    corrupt,   ///< done, but a byte of the answer's body is another
  };
  kind what = kind::refuse;
  std::string to;  ///< the calls that it befalls, by their beginning: "PUT a/b"; empty: all
  int times = 1;   ///< how many of them
  unsigned status = 503;
  std::string code = "SlowDown";
};

/// A key that an S3 server knows.
struct s3_key {
  std::string id;
  std::string secret;
  std::string token{};  ///< has to come with it; empty: none may
};

/// The S3 API as far as the blob store uses it, on loopback unless told otherwise, path style, with
/// one bucket "pictures" in memory. Verifies each call's Signature Version 4, its clock and its
/// body by code of its own: what is not signed as AWS demands is refused as AWS does.
class s3_server {
 public:
  static constexpr const char* key_id = "AKIDTEST";
  static constexpr const char* secret = "s3-test-secret/+1";

  /// `base_path` stands before the bucket: "/storage/v1/s3".
  explicit s3_server(std::string address = "127.0.0.1", std::string base_path = "");

  [[nodiscard]] std::uint16_t port() const { return server_->port(); }

  /// The STORAGE_URL of a prefix in the bucket.
  [[nodiscard]] std::string storage_url(const std::string& prefix = "") const;

  void fail(const s3_fault& fault);
  /// Forgets all faults.
  void heal();

  /// From now on this key is the one that counts; calls with the key of before, if it has another
  /// id, are refused as expired.
  void change_key(const s3_key& key);

  /// Changes what an object holds, but not what was said of it.
  void overwrite(const std::string& key, const std::string& body);

  /// From now on the whole is sent, whatever part of it is asked for.
  void ignore_ranges();

  /// How that object is to be encrypted, and with which key: "aws:kms KEY"; empty: as usual.
  [[nodiscard]] std::string encryption_of(const std::string& key) const;

  /// Each call that was signed well, as "PUT key" or "POST key?uploads=".
  [[nodiscard]] std::vector<std::string> calls() const;
  [[nodiscard]] std::map<std::string, std::string> objects() const;
  [[nodiscard]] std::size_t open_uploads() const;

 private:
  struct object {
    std::string body;
    std::string checksum;    ///< the caller's metadata
    std::string encryption;  ///< as the caller has asked for it
  };
  struct upload {
    std::string key;
    std::string checksum;
    std::string encryption;
    std::map<int, std::string> parts;
  };

  void handle(const http::request& req, const http::responder_ptr& to);
  http::response act(const http::request& req, const std::string& key);
  [[nodiscard]] http::response list(const http::request& req) const;
  /// The refusal where the call has a condition that does not hold.
  [[nodiscard]] std::optional<http::response> check_condition(
      const http::request& req, const std::string& key
  ) const;
  [[nodiscard]] http::response read(const http::request& req, const object& found) const;
  http::response act_on_upload(const http::request& req, const std::string& id);
  http::response complete(const http::request& req, const std::string& id);
  s3_fault* next_fault(const std::string& call);

  mutable std::mutex mutex_;
  std::map<std::string, object> objects_;
  std::map<std::string, upload> uploads_;
  std::vector<s3_fault> faults_;
  std::vector<std::string> calls_;
  int last_upload_ = 0;
  bool answers_ranges_ = true;
  std::string address_;
  std::string bucket_path_;
  std::string endpoint_path_;
  s3_key key_{key_id, secret};
  std::string former_id_;
  std::unique_ptr<http::server> server_;
};

}  // namespace stayler::test
