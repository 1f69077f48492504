// SPDX-License-Identifier: MIT

// When temporary keys are asked for, and who waits for them.
#include "adapters/s3/credentials/credentials_keeper.hpp"

#include "tests/support/catch.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace stayler::test {

namespace {

using namespace adapters;
using namespace std::chrono_literals;
using steady_clock = std::chrono::steady_clock;

/// Gives out keys by number as a test tells it to, and can keep the asking one waiting.
class scripted_place final : public credentials_place {
 public:
  using script = std::function<result<issued_credentials>(int nth)>;

  struct state {
    std::mutex mutex;
    std::condition_variable_any changed;
    int asked = 0;
    int let_through = 1'000'000;  ///< further ones wait
    bool is_away = false;
  };

  scripted_place(std::shared_ptr<state> shared, script answer)
      : shared_(std::move(shared)), answer_(std::move(answer)) {}

  result<issued_credentials> fetch(const std::stop_token& stop) override {
    std::unique_lock lock{shared_->mutex};
    const int nth = ++shared_->asked;
    shared_->changed.notify_all();
    shared_->changed.wait(lock, stop, [&] { return nth <= shared_->let_through; });
    return shared_->is_away ? failure{error_class::unavailable, "away"} : answer_(nth);
  }

 private:
  std::shared_ptr<state> shared_;
  script answer_;
};

struct kept {
  std::shared_ptr<scripted_place::state> place = std::make_shared<scripted_place::state>();
  std::shared_ptr<credentials_source> keeper;

  explicit kept(scripted_place::script answer, int let_through = 1'000'000, bool is_away = false) {
    place->let_through = let_through;
    place->is_away = is_away;
    keeper = make_credentials_keeper(
        std::make_unique<scripted_place>(place, std::move(answer)),
        std::make_shared<system_wall_clock>(), {10ms, 0ms}
    );
  }

  void change(const std::function<void(scripted_place::state&)>& how) const {
    const std::scoped_lock lock{place->mutex};
    how(*place);
    place->changed.notify_all();
  }

  void await_questions(int count) const {
    std::unique_lock lock{place->mutex};
    REQUIRE(place->changed.wait_for(lock, 20s, [&] { return place->asked >= count; }));
  }

  /// The key that there is, "" where there is none within that time.
  [[nodiscard]] std::string id(milliseconds patience = 20s) const {
    const auto key = keeper->get(steady_clock::now() + patience);
    return key ? key->access_key_id : "";
  }
};

issued_credentials key(int nth, std::optional<milliseconds> life = {}) {
  issued_credentials made{{std::to_string(nth), "secret", "token"}, {}};
  if (life) {
    made.expires_at = to_timestamp(std::chrono::system_clock::now()) + *life;
  }
  return made;
}

}  // namespace

TEST_CASE("a key is renewed before it ends, and no call waits for that") {
  const kept keys{[](int nth) { return nth == 1 ? key(1, 2s) : key(nth); }, /*let_through=*/1};
  CHECK(keys.id() == "1");
  keys.await_questions(2);  // at half of its life
  const auto begun = steady_clock::now();
  CHECK(keys.id() == "1");
  CHECK(steady_clock::now() - begun < 500ms);
  keys.change([](auto& place) { place.let_through = 2; });
  while (keys.id() != "2") {
    std::this_thread::yield();
  }
}

TEST_CASE("while a place is away the key of before stays, also when it has ended") {
  const kept keys{[](int nth) { return key(nth, 100ms); }};
  REQUIRE_FALSE(keys.id().empty());
  keys.change([](auto& place) { place.is_away = true; });
  const auto until = steady_clock::now() + 300ms;
  while (steady_clock::now() < until) {
    CHECK_FALSE(keys.id().empty());
  }
}

TEST_CASE("where there is no key yet a call waits as long as it may, and hears why") {
  const kept keys{[](int nth) { return key(nth); }, 1'000'000, /*is_away=*/true};
  const auto none = keys.keeper->get(steady_clock::now() + 20s);
  REQUIRE_FALSE(none);
  CHECK(none.error() == failure{error_class::unavailable, "away"});
  keys.change([](auto& place) { place.is_away = false; });
  CHECK_FALSE(keys.id().empty());

  const kept hanging{[](int nth) { return key(nth); }, /*let_through=*/0};
  const auto begun = steady_clock::now();
  CHECK(hanging.id(50ms).empty());
  CHECK(steady_clock::now() - begun < 5s);
}

TEST_CASE("a key that is refused is asked for again, and the next call has the new one") {
  const kept keys{[](int nth) { return key(nth); }};
  CHECK(keys.id() == "1");
  CHECK(keys.id() == "1");
  CHECK(keys.keeper->renew(key(1).key));
  CHECK(keys.id() == "2");
  // Somebody else's call was on its way with the old one.
  CHECK(keys.keeper->renew(key(1).key));
  CHECK(keys.id() == "2");
}

}  // namespace stayler::test
