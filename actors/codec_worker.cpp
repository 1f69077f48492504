// SPDX-License-Identifier: MIT
#include "actors/codec_worker.hpp"

#include "actors/answer.hpp"

#include <exception>
#include <string>

namespace stayler::actors {

namespace {

caf::error describe(const std::exception_ptr& thrown) {
  std::string what = "something that is no std::exception";
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& e) {
    what = e.what();
  } catch (...) {  // NOLINT(bugprone-empty-catch): `what` already says it
  }
  return to_error({error_class::internal_bug, "the image codec has thrown: " + what, {}});
}

template <class T>
result<T> no_bytes() {
  return failure{error_class::invalid_input, "there are no image bytes", {}};
}

}  // namespace

codec_worker_actor::behavior_type codec_worker(
    codec_worker_actor::stateful_pointer<codec_worker_state> self,
    std::shared_ptr<adapters::image_codec> codec
) {
  self->set_exception_handler([](caf::scheduled_actor*, std::exception_ptr& thrown) {
    return describe(thrown);
  });
  return {
      [codec](examine_atom, const shared_bytes& bytes) {
        return to_answer(bytes ? codec->examine(*bytes) : no_bytes<image_info>());
      },
      [codec](prepare_atom, const shared_bytes& bytes) {
        return to_answer(bytes ? codec->prepare(bytes) : no_bytes<encoded_image>());
      },
      [codec](finish_atom, const shared_bytes& bytes, image_format format) {
        return to_answer(bytes ? codec->finish(bytes, format) : no_bytes<finished_image>());
      },
      [codec](
          transform_atom, const shared_bytes& bytes, const std::vector<image_operation>& operations
      ) {
        return to_answer(bytes ? codec->transform(bytes, operations) : no_bytes<finished_image>());
      },
  };
}

}  // namespace stayler::actors
