// SPDX-License-Identifier: MIT
#include "app/codec/codec_service.hpp"

#include "adapters/image_codec/process/answer_text.hpp"
#include "adapters/image_codec/process/wire/codec_socket.hpp"

#include <algorithm>
#include <exception>
#include <malloc.h>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace stayler::app {

namespace {

using namespace adapters;

/// Writes an answer's pictures one after the other.
class output_writer {
 public:
  explicit output_writer(std::span<std::byte> output) : output_(output) {}

  /// Where the picture lies now; nothing where it does not fit.
  std::optional<wire_picture> write(const encoded_image& picture) {
    const std::vector<std::byte>& bytes = *picture.bytes;
    if (bytes.size() > output_.size() - used_) {
      return std::nullopt;
    }
    std::ranges::copy(bytes, output_.subspan(used_).begin());
    const wire_picture written{
        used_, bytes.size(), static_cast<std::uint32_t>(picture.info.format), picture.info.width,
        picture.info.height};
    used_ += bytes.size();
    return written;
  }

 private:
  std::span<std::byte> output_;
  std::size_t used_ = 0;
};

void refuse(codec_answer& answer, const failure& why) {
  answer.outcome = codec_answer::is_refused;
  answer.error = static_cast<std::uint32_t>(why.kind);
  set_text(answer, why.message);
}

void write_pictures(
    codec_answer& answer,
    output_writer output,
    const encoded_image& picture,
    const encoded_image* thumbnail
) {
  const auto whole = output.write(picture);
  const auto small = whole && thumbnail != nullptr ? output.write(*thumbnail) : wire_picture{};
  if (!whole || !small) {
    refuse(
        answer, {error_class::invalid_input, "what the picture becomes takes too many bytes", {}}
    );
    return;
  }
  answer.outcome = codec_answer::is_done;
  answer.picture = *whole;
  answer.thumbnail = *small;
}

void write_finished(
    codec_answer& answer, output_writer output, const result<finished_image>& made
) {
  if (made) {
    write_pictures(answer, output, made->picture, &made->thumbnail);
  } else {
    refuse(answer, made.error());
  }
}

void sanitize(
    codec_answer& answer, image_codec& codec, const shared_bytes& picture, output_writer output
) {
  const auto made = codec.sanitize(picture);
  if (made) {
    write_pictures(answer, output, made->content.picture, &made->content.thumbnail);
  } else {
    refuse(answer, made.error());
  }
}

void prepare(
    codec_answer& answer, image_codec& codec, const shared_bytes& picture, output_writer output
) {
  const auto made = codec.prepare(picture);
  if (made) {
    answer.signature = made->signature;
    write_pictures(answer, output, made->picture, nullptr);
  } else {
    refuse(answer, made.error());
  }
}

void perform(
    codec_answer& answer,
    const codec_call& call,
    image_codec& codec,
    const shared_bytes& picture,
    output_writer output
) {
  switch (call.operation) {
    case codec_operation::sanitize:
      return sanitize(answer, codec, picture, output);
    case codec_operation::prepare:
      return prepare(answer, codec, picture, output);
    case codec_operation::finish: {
      const auto inputs = std::span{call.inputs}.first(call.input_count);
      return write_finished(
          answer, output, codec.finish(picture, call.format, {inputs.begin(), inputs.end()})
      );
    }
    case codec_operation::transform: {
      const auto steps = std::span{call.operations}.first(call.operation_count);
      return write_finished(answer, output, codec.transform(picture, {steps.begin(), steps.end()}));
    }
  }
}

/// A large picture leaves holes in the heap, which it gives back only when it is asked to.
void give_back_memory() {
  constexpr std::size_t much = 96ULL * 1024 * 1024;
  if (::mallinfo2().fordblks > much) {
    ::malloc_trim(0);
  }
}

}  // namespace

codec_answer answer_call(
    const codec_call& call,
    image_codec& codec,
    std::span<const std::byte> input,
    std::span<std::byte> output
) {
  codec_answer answer;
  answer.envelope.number = call.envelope.number;
  try {
    const auto bytes = input.first(call.picture_bytes);
    const auto picture = std::make_shared<const std::vector<std::byte>>(bytes.begin(), bytes.end());
    perform(answer, call, codec, picture, output_writer{output});
  } catch (const std::bad_alloc&) {
    answer.outcome = codec_answer::is_out_of_memory;
  } catch (const std::exception& error) {
    refuse(
        answer,
        {error_class::internal_bug, std::string{"the image codec has thrown: "} + error.what(), {}}
    );
  }
  return answer;
}

void serve_calls(
    int socket, image_codec& codec, std::span<const std::byte> input, std::span<std::byte> output
) {
  codec_call call;
  while (receive_message(socket, call) == receipt::message) {
    if (!send_message(socket, answer_call(call, codec, input, output))) {
      return;
    }
    give_back_memory();
  }
}

}  // namespace stayler::app
