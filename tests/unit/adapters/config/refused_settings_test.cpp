// SPDX-License-Identifier: MIT

// What --check-config says: each row is one setting that people have got wrong, and has to be told
// what is wrong with it, or one that looks odd and is right. No answer holds a secret.

#include "tests/support/catch.hpp"
#include "tests/unit/adapters/config/config_fixture.hpp"

#include <map>
#include <string>
#include <vector>

using namespace stayler;
using namespace stayler::test;

namespace {

struct refused_row {
  std::string variable;
  std::string text;
  std::string reason;
};

const std::string zero_hash(64, '0');

/// Wherever a password may stand.
const std::string word = "hunter2";

const std::vector<refused_row> refused_rows{
    {"WORKER_MAX_WORKERS", "5.0", "it is no whole number"},
    {"WORKER_MAX_WORKERS", "five", "it is no whole number"},
    {"WORKER_MAX_WORKERS", "0", "use 1 to 10000"},
    {"WORKER_JOB_TIMEOUT", "600", "it has no unit"},
    {"WORKER_JOB_TIMEOUT", "ten minutes", "it is no duration such as"},
    {"GEMINI_TIMEOUT", "1 m", "it is no duration such as"},
    {"RETRY_BACKOFF_FACTOR", "2,0", "it is no decimal number"},
    {"WORKER_ENABLE_METRICS", "yes", "use true or false"},
    {"QUEUE_BACKEND", "rabbitmq", "use sqlite, redis or memory"},
    {"GEMINI_MODEL", "", "it is empty"},
    {"GEMINI_BASE_URL", "ftp://host", "it does not begin with http://"},
    {"GEMINI_BASE_URL", "generativelanguage.googleapis.com", "it "},
    {"GEMINI_BASE_URL", "https://ann:" + word + "@", "it holds credentials"},
    {"GEMINI_BASE_URL", "https://ann:" + word + "@host/v1", "it holds credentials"},
    {"GEMINI_BASE_URL", "ann:" + word + "@host", "it "},
    {"GEMINI_BASE_URL", "https://h h/?key=" + word, "it holds blanks"},
    {"GEMINI_BASE_URL", "https://h:65536", "its port must be 1 to 65535"},
    {"GEMINI_BASE_URL", "https://h:0", "its port must be 1 to 65535"},
    {"GEMINI_BASE_URL", "https://h/?key=" + word, "it has a part behind"},
    {"GEMINI_BASE_URL", "https://h/v1beta/openai", "the API in OpenAI's form"},
    {"GEMINI_API_KEY", "\"" + word + "\"", "it stands in quotes"},
    {"REDIS_URL", "redis://:" + word + "@h?database=2", "database"},
    {"REDIS_URL", "redis://h:65536", "port must be 1 to 65535"},
    {"WORKER_WEBHOOK_URL", "https://hooks.example:99999/in", "its port must be 1 to 65535"},
    {"STORAGE_URL", "s3://bucket?endpoint=https://h:0", "its port must be 1 to 65535"},
    {"WORKER_HTTPS_PROXY", "http://proxy:70000", "its port must be 1 to 65535"},
    {"WORKER_WEBHOOK_SECRET", "whsec_not!base64", "24 to 64 bytes"},
    {"GEMINI_BASE_URL", "https://:443/", "it has no host"},
    {"WORKER_WEBHOOK_URL", "hooks.example/" + word, "it does not begin with http://"},
    {"WORKER_HTTP_ADDRESS", "localhost", "a numeric IP address"},
    {"WORKER_TRUSTED_PROXIES", "10.0.0.1,10.0.0.1/8", "entry 2 of the list is malformed"},
    {"WORKER_CORS_ORIGINS", "https://a.example,https://b.example/x", "entry 2 of the list"},
    {"IMAGE_URL_ALLOW", "cdn.example.com,*", "entry 2 of the list is malformed"},
    {"NODE_JOIN", "one:7000,two", "entry 2 of the list is malformed"},
    {"NODE_LISTEN", "coordinator:7000", "not a numeric IP address"},
    {"GEMINI_PRICES", "a=1/2/3,b=1/2", "entry 2 of the list is malformed"},
    {"DATABASE_URL", "mysql://ann:" + word + "@h/db", "must begin with postgres://"},
    {"DATABASE_URL", "postgres://ann:" + word + "@h/db?sslmod=require", "sslmod"},
    {"DATABASE_URL", "postgres://ann:" + word + "%@h/db", "has a % without two hexadecimal digits"},
    {"WORKER_API_KEYS", word, "its role must be viewer, submitter or admin"},
    {"WORKER_API_KEYS", "a:owner:" + zero_hash, "its role must be viewer, submitter or admin"},
    {"WORKER_API_KEYS", "a b:viewer:" + zero_hash, "its name must be"},
    {"WORKER_API_KEYS", "a:viewer:" + word, "its SHA256 must be 64 hex digits"},
    {"WORKER_API_KEYS", "a:viewer:" + zero_hash + ":100%",
     "holds a %, which stands for itself as %25"},
    {"WORKER_API_KEYS", "a:viewer:" + zero_hash + ":ann++bob", "a user's id must be"},
    {"WORKER_API_KEYS", "a:viewer:" + zero_hash + ":rate=fast", "its rate must be"},
    {"WORKER_HTTP_MIN_RATE", "0", "use 1 to 1048576"},
    {"WORKER_HTTP_IDLE_TIMEOUT", "75", "it has no unit"},
    {"WORKER_LINK_SECRET", word, "32 or more characters"},
    {"WORKER_ENCRYPTION_KEYS", "k1:" + word, "its KEY must be 32 bytes in base64"},
    {"WORKER_ENCRYPTION_KEYS", word, "its KEY must be 32 bytes in base64"},
    {"WORKER_ENCRYPTION_KEYS", "plain", "its ID must be"},
};

const std::vector<sample> accepted_rows{
    {"WORKER_HTTP_PORT", "tcp://10.0.0.7:8080"},
    {"WORKER_HEALTH_CHECK_PORT", "tcp://10.0.0.8:8081"},
    {"WORKER_HTTP_PORT_8080_TCP_ADDR", "10.0.0.7"},
    {"WORKER_HTTP_SERVICE_PORT_HTTP", "8080"},
    {"WORKER_HTTP_IDLE_TIMEOUT", "2m"},
    {"GEMINI_BASE_URL", "HTTPS://gateway.example:8443/gemini/v1beta/"},
    {"REDIS_URL", "redis://h?db=2"},
    {"DATABASE_URL", "postgres://ann:p%40ss@h/db?sslmode=require&application_name=x"},
    {"WORKER_API_KEYS", "a:submitter:" + zero_hash + ":auth0|62e0+ann%2Btest@example.com:rate=5"},
    {"IMAGE_URL_ALLOW", "bucket.s3.amazonaws.com,*.example.org:8443"},
    {"REDIS_PASSWORD", word},
    {"REDIS_PORT", "tcp://10.0.0.9:6379"},
    {"NODE_OPTIONS", "--max-old-space-size=512"},
    {"NODE_ENV", "production"},
    {"QUEUE_CONNECTION", "redis"},
    {"DATABASE_HOST", "db"},
};

}  // namespace

TEST_CASE("a setting that is wrong is refused with its name, what is wrong, and what is allowed") {
  for (const refused_row& each : refused_rows) {
    const std::string problem =
        only_problem(load({"--check-config"}, {{each.variable, each.text}}));
    INFO(problem);
    CHECK(problem.starts_with(each.variable + ": "));
    CHECK(contains(problem, " is not allowed"));
    CHECK(contains(problem, each.reason));
    CHECK(contains(problem, "; use "));
    CHECK_FALSE(contains(problem, word));
    CHECK_FALSE(contains(problem, "\n"));
  }
}

TEST_CASE("a setting that looks odd, or is another program's, is no problem") {
  for (const sample& each : accepted_rows) {
    const auto got = load({"--check-config"}, {{each.variable, each.text}});
    INFO(each.variable << ": " << (got.problems.empty() ? "" : got.problems[0].message));
    CHECK(got.problems.empty());
  }
}
