// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/error.hpp"

#include <type_traits>
#include <utility>
#include <variant>

namespace stayler {

/// Stands for "nothing to say but that it worked" where a value is required.
struct unit_value {
  friend bool operator==(unit_value, unit_value) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, unit_value&) {
  return f();
}

/// Either a value or the failure that stands in its place: what std::expected<T, failure> will be
/// once the reference compilers have it. Reading the side that is not there throws
/// std::bad_variant_access, which is a bug of the caller.
template <class T>
class [[nodiscard]] result {
 public:
  static_assert(!std::is_same_v<std::remove_cvref_t<T>, failure>);

  result(T value) : content_(std::in_place_index<0>, std::move(value)) {}  // NOLINT: as expected
  result(failure error) : content_(std::in_place_index<1>, std::move(error)) {}  // NOLINT

  [[nodiscard]] bool has_value() const noexcept { return content_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  T& value() & { return std::get<0>(content_); }
  const T& value() const& { return std::get<0>(content_); }
  T&& value() && { return std::get<0>(std::move(content_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  failure& error() & { return std::get<1>(content_); }
  const failure& error() const& { return std::get<1>(content_); }
  failure&& error() && { return std::get<1>(std::move(content_)); }

 private:
  std::variant<T, failure> content_;
};

/// A result without a value, for what only works or fails.
using void_result = result<unit_value>;

/// The result that says that it worked.
inline void_result ok() {
  return unit_value{};
}

}  // namespace stayler
