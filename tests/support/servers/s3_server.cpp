// SPDX-License-Identifier: MIT
#include "tests/support/servers/s3_server.hpp"

#include "app/gemini_sim/faults/wire_fault.hpp"
#include "tests/support/catch.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>

namespace stayler::test {

namespace {

constexpr std::size_t max_body = 64UL * 1024 * 1024;
constexpr double allowed_skew_seconds = 15 * 60;

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    std::array<char, 3> digits{};
    std::snprintf(digits.data(), digits.size(), "%02x", static_cast<unsigned char>(c));
    text += digits.data();
  }
  return text;
}

std::string digest(const EVP_MD* kind, std::string_view bytes) {
  std::string made(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  EVP_Digest(
      bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(made.data()), &size, kind,
      nullptr
  );
  made.resize(size);
  return hex(made);
}

std::string sign(const std::string& key, const std::string& text) {
  std::string made(32, '\0');
  unsigned size = 0;
  HMAC(
      EVP_sha256(), key.data(), static_cast<int>(key.size()),
      reinterpret_cast<const unsigned char*>(text.data()), text.size(),
      reinterpret_cast<unsigned char*>(made.data()), &size
  );
  return made;
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string made;
  for (const char c : text) {
    std::array<char, 4> escaped{};
    std::snprintf(escaped.data(), escaped.size(), "%%%02X", static_cast<unsigned char>(c));
    made += plain.find(c) != std::string_view::npos ? std::string{c} : escaped.data();
  }
  return made;
}

std::string query_of(const http::request& req) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : req.query) {
    parts.push_back(percent_encode(name) + "=" + percent_encode(value));
  }
  std::sort(parts.begin(), parts.end());
  std::string text;
  for (const auto& part : parts) {
    text += (text.empty() ? "" : "&") + part;
  }
  return text;
}

std::string header_of(const http::request& req, std::string_view name) {
  return std::string{req.header(name).value_or("")};
}

/// What stands between the two marks, or all that follows the first.
std::string between(const std::string& text, const std::string& begin, const std::string& end) {
  const auto first = text.find(begin);
  if (first == std::string::npos) {
    return {};
  }
  const auto from = first + begin.size();
  return text.substr(from, text.find(end, from) - from);
}

/// How the call wants the object to be encrypted, and with which key.
std::string encryption_in(const http::request& req) {
  const std::string how = header_of(req, "x-amz-server-side-encryption");
  const std::string key = header_of(req, "x-amz-server-side-encryption-aws-kms-key-id");
  return key.empty() ? how : how + " " + key;
}

http::response refusal(unsigned status, const std::string& code) {
  http::response answer;
  answer.status = status;
  answer.body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>" + code
                + "</Code><Message>a message</Message></Error>";
  answer.headers = {{"Content-Type", "application/xml"}};
  return answer;
}

http::response xml(std::string body) {
  http::response answer;
  answer.body = std::move(body);
  return answer;
}

bool is_skewed(const std::string& date) {
  std::tm utc{};
  if (strptime(date.c_str(), "%Y%m%dT%H%M%SZ", &utc) == nullptr) {
    return true;
  }
  const double apart = std::difftime(timegm(&utc), std::time(nullptr));
  return std::abs(apart) > allowed_skew_seconds;
}

/// The code with which AWS would refuse the call's signature, or "".
std::string flaw_of(const http::request& req, const s3_key& key, const std::string& former_id) {
  const std::string given = header_of(req, "authorization");
  const std::string names = between(given, "SignedHeaders=", ",");
  const std::string scope = between(given, "Credential=" + key.id + "/", ",");
  const std::string date = header_of(req, "x-amz-date");
  const std::string hash = header_of(req, "x-amz-content-sha256");
  if (!given.starts_with("AWS4-HMAC-SHA256 ") || date.size() != 16) {
    return "AccessDenied";
  }
  if (!former_id.empty() && given.find("Credential=" + former_id + "/") != std::string::npos) {
    return "ExpiredToken";
  }
  if (scope != date.substr(0, 8) + "/us-east-1/s3/aws4_request") {
    return "InvalidAccessKeyId";
  }
  if (header_of(req, "x-amz-security-token") != key.token) {
    return "InvalidToken";
  }
  if (is_skewed(date)) {
    return "RequestTimeTooSkewed";
  }
  std::string lines;
  std::string rest = names;
  while (!rest.empty()) {
    const std::string name = rest.substr(0, rest.find(';'));
    lines += name + ":" + header_of(req, name) + "\n";
    rest.erase(0, name.size() + 1);
  }
  for (const auto& [name, value] : req.headers) {
    const bool must_be_signed = name == "host" || name.starts_with("x-amz-");
    if (must_be_signed && (";" + names + ";").find(";" + name + ";") == std::string::npos) {
      return "AccessDenied";
    }
  }
  const std::string canonical = req.method + "\n" + req.path + "\n" + query_of(req) + "\n" + lines
                                + "\n" + names + "\n" + hash;
  std::string signer = "AWS4" + key.secret;
  for (const auto& part :
       {date.substr(0, 8), std::string{"us-east-1"}, std::string{"s3"},
        std::string{"aws4_request"}}) {
    signer = sign(signer, part);
  }
  const std::string signature = hex(sign(
      signer, "AWS4-HMAC-SHA256\n" + date + "\n" + scope + "\n" + digest(EVP_sha256(), canonical)
  ));
  return signature == between(given, "Signature=", ",") ? "" : "SignatureDoesNotMatch";
}

sim::wire_fault wire_fault_of(s3_fault::kind fault) {
  using enum s3_fault::kind;
  return fault == reset      ? sim::wire_fault::reset
         : fault == truncate ? sim::wire_fault::truncate
         : fault == hang     ? sim::wire_fault::hang
                             : sim::wire_fault::none;
}

}  // namespace

s3_server::s3_server(std::string address, std::string base_path)
    : address_(std::move(address)),
      bucket_path_(base_path + "/pictures/"),
      endpoint_path_(std::move(base_path)) {
  http::server_options options;
  options.address = address_;
  options.max_body_bytes = max_body;
  auto started = http::server::start(options, [this](http::request req, http::responder_ptr to) {
    handle(req, to);
  });
  INFO((started ? "" : started.error().message));
  REQUIRE(started);
  server_ = std::move(*started);
}

std::string s3_server::storage_url(const std::string& prefix) const {
  return "s3://pictures/" + prefix + "?endpoint=http://" + address_ + ":" + std::to_string(port())
         + endpoint_path_;
}

void s3_server::fail(const s3_fault& fault) {
  const std::scoped_lock lock{mutex_};
  faults_.push_back(fault);
}

void s3_server::heal() {
  const std::scoped_lock lock{mutex_};
  faults_.clear();
}

void s3_server::change_key(const s3_key& key) {
  const std::scoped_lock lock{mutex_};
  former_id_ = key.id == key_.id ? "" : key_.id;
  key_ = key;
}

void s3_server::overwrite(const std::string& key, const std::string& body) {
  const std::scoped_lock lock{mutex_};
  objects_.at(key).body = body;
}

void s3_server::ignore_ranges() {
  const std::scoped_lock lock{mutex_};
  answers_ranges_ = false;
}

std::string s3_server::encryption_of(const std::string& key) const {
  const std::scoped_lock lock{mutex_};
  return objects_.at(key).encryption;
}

std::vector<std::string> s3_server::calls() const {
  const std::scoped_lock lock{mutex_};
  return calls_;
}

std::map<std::string, std::string> s3_server::objects() const {
  const std::scoped_lock lock{mutex_};
  std::map<std::string, std::string> all;
  for (const auto& [key, held] : objects_) {
    all[key] = held.body;
  }
  return all;
}

std::size_t s3_server::open_uploads() const {
  const std::scoped_lock lock{mutex_};
  return uploads_.size();
}

s3_fault* s3_server::next_fault(const std::string& call) {
  const auto found = std::find_if(faults_.begin(), faults_.end(), [&call](const s3_fault& fault) {
    return fault.times > 0 && call.starts_with(fault.to);
  });
  if (found == faults_.end()) {
    return nullptr;
  }
  --found->times;
  return &*found;
}

void s3_server::handle(const http::request& req, const http::responder_ptr& to) {
  const std::scoped_lock lock{mutex_};
  if (const auto flaw = flaw_of(req, key_, former_id_); !flaw.empty()) {
    to->send(refusal(flaw.ends_with("Token") ? 400 : 403, flaw));
    return;
  }
  if (header_of(req, "x-amz-content-sha256") != digest(EVP_sha256(), req.body)) {
    to->send(refusal(400, "XAmzContentSHA256Mismatch"));
    return;
  }
  if (!req.path.starts_with(bucket_path_)) {
    to->send(refusal(404, "NoSuchBucket"));
    return;
  }
  const std::string key = req.path.substr(bucket_path_.size());
  const std::string query = query_of(req);
  calls_.push_back(req.method + " " + key + (query.empty() ? "" : "?" + query));
  const s3_fault* fault = next_fault(calls_.back());
  const bool is_done =
      fault == nullptr
      || (fault->what != s3_fault::kind::refuse && fault->what != s3_fault::kind::reset
          && fault->what != s3_fault::kind::hang);
  http::response answer = is_done ? act(req, key) : refusal(fault->status, fault->code);
  if (fault != nullptr && fault->what == s3_fault::kind::forget) {
    answer = refusal(500, "InternalError");
  }
  if (fault != nullptr && fault->what == s3_fault::kind::corrupt && !answer.body.empty()) {
    answer.body.front() ^= 1;
  }
  if (fault != nullptr) {
    answer.hook = sim::make_wire_hook(wire_fault_of(fault->what));
  }
  to->send(std::move(answer));
}

http::response s3_server::act(const http::request& req, const std::string& key) {
  if (const auto id = req.parameter("uploadId")) {
    return act_on_upload(req, std::string{*id});
  }
  const std::string checksum = header_of(req, "x-amz-meta-sha256");
  if (req.method == "POST" && req.parameter("uploads")) {
    // With all that has to be quoted in a query.
    const std::string id = "upload/" + std::to_string(++last_upload_) + "+=&";
    uploads_[id] = {key, checksum, encryption_in(req), {}};
    return xml(
        "<InitiateMultipartUploadResult><UploadId>upload/" + std::to_string(last_upload_)
        + "+=&amp;</UploadId></InitiateMultipartUploadResult>"
    );
  }
  if (key.empty() && req.parameter("list-type")) {
    return list(req);
  }
  if (req.method == "PUT") {
    if (auto refused = check_condition(req, key)) {
      return *std::move(refused);
    }
    objects_[key] = {std::string{req.body.view()}, checksum, encryption_in(req)};
    return {};
  }
  if (req.method == "DELETE") {
    objects_.erase(key);
    http::response gone;
    gone.status = 204;
    return gone;
  }
  const auto found = objects_.find(key);
  if (found == objects_.end()) {
    return refusal(404, "NoSuchKey");
  }
  return read(req, found->second);
}

/// Two keys a page.
http::response s3_server::list(const http::request& req) const {
  const std::string prefix{req.parameter("prefix").value_or("")};
  const std::string after{req.parameter("continuation-token").value_or("")};
  std::string body = "<ListBucketResult>";
  int count = 0;
  std::string last;
  for (auto at = objects_.upper_bound(after); at != objects_.end(); ++at) {
    if (!at->first.starts_with(prefix)) {
      continue;
    }
    if (count++ == 2) {
      return xml(
          body + "<NextContinuationToken>" + last + "</NextContinuationToken></ListBucketResult>"
      );
    }
    last = at->first;
    body += "<Contents><Key>" + last + "</Key></Contents>";
  }
  return xml(body + "</ListBucketResult>");
}

std::optional<http::response> s3_server::check_condition(
    const http::request& req, const std::string& key
) const {
  const std::string wanted = header_of(req, "if-match");
  const auto found = objects_.find(key);
  if (wanted.empty()) {
    return std::nullopt;
  }
  if (found == objects_.end()) {
    return refusal(404, "NoSuchKey");
  }
  const bool is_that = wanted == "\"" + digest(EVP_md5(), found->second.body) + "\"";
  return is_that ? std::nullopt : std::optional{refusal(412, "PreconditionFailed")};
}

http::response s3_server::read(const http::request& req, const object& found) const {
  http::response answer = xml(found.body);
  answer.headers = {
      {"x-amz-meta-sha256", found.checksum}, {"ETag", "\"" + digest(EVP_md5(), found.body) + "\""}};
  const std::string range = header_of(req, "range");
  if (range.empty() || !answers_ranges_) {
    return answer;
  }
  const auto offset = std::stoull(between(range, "bytes=", "-"));
  const auto last = std::stoull(range.substr(range.find('-') + 1));
  if (offset >= found.body.size()) {
    return refusal(416, "InvalidRange");
  }
  answer.body = found.body.substr(offset, last - offset + 1);
  answer.status = 206;
  answer.headers.emplace_back(
      "Content-Range", "bytes " + std::to_string(offset) + "-"
                           + std::to_string(offset + answer.body.size() - 1) + "/"
                           + std::to_string(found.body.size())
  );
  return answer;
}

http::response s3_server::act_on_upload(const http::request& req, const std::string& id) {
  const auto found = uploads_.find(id);
  if (found == uploads_.end()) {
    return refusal(404, "NoSuchUpload");
  }
  if (req.method == "POST") {
    return complete(req, id);
  }
  if (req.method == "DELETE") {
    uploads_.erase(found);
    return {};
  }
  found->second.parts[std::stoi(std::string{req.parameter("partNumber").value()})] =
      req.body.view();
  http::response answer;
  answer.headers = {{"ETag", "\"" + digest(EVP_md5(), req.body) + "\""}};
  return answer;
}

http::response s3_server::complete(const http::request& req, const std::string& id) {
  const upload& done = uploads_.at(id);
  if (auto refused = check_condition(req, done.key)) {
    return *std::move(refused);
  }
  std::string expected;
  std::string body;
  for (const auto& [number, part] : done.parts) {
    expected += "<Part><PartNumber>" + std::to_string(number) + "</PartNumber><ETag>\""
                + digest(EVP_md5(), part) + "\"</ETag></Part>";
    body += part;
  }
  if (between(std::string{req.body.view()}, "/\">", "</CompleteMultipartUpload>") != expected) {
    return refusal(400, "InvalidPart");
  }
  objects_[done.key] = {body, done.checksum, done.encryption};
  uploads_.erase(id);
  return xml("<CompleteMultipartUploadResult><ETag>\"x-2\"</ETag></CompleteMultipartUploadResult>");
}

}  // namespace stayler::test
