// SPDX-License-Identifier: MIT
#include "adapters/image_codec/pixels/jpeg/jpeg_errors.hpp"

#include <jerror.h>
#include <new>

namespace stayler::adapters {

namespace {

/// What a warning means for the picture; null where no pixel is lost. A warning that is not known
/// here counts as a loss.
const char* loss_by(int warning) {
  switch (warning) {
    case JWRN_NOT_SEQUENTIAL:   // telephones that name no spectral range
    case JWRN_JFIF_MAJOR:       // a version of JFIF from the future
    case JWRN_ADOBE_XFORM:      // an unknown transform: taken as YCbCr
    case JWRN_BOGUS_ICC:        // the profile is read elsewhere
    case JWRN_EXTRANEOUS_DATA:  // bytes before a marker
    case JWRN_JPEG_EOF:         // no EOI
      return nullptr;
    case JWRN_HIT_MARKER:
      return "is cut off: its data ends before the last rows";
    case JWRN_HUFF_BAD_CODE:
      return "is damaged (bad Huffman code)";
    case JWRN_MUST_RESYNC:
      return "is damaged (a restart interval is lost)";
    case JWRN_BOGUS_PROGRESSION:
      return "is damaged (its scans do not follow each other)";
    default:
      return "is damaged";
  }
}

}  // namespace

jpeg_errors::jpeg_errors() {
  jpeg_std_error(&handlers_.base);
  handlers_.base.error_exit = leave;
  handlers_.base.emit_message = note;
  handlers_.base.output_message = [](j_common_ptr) {};
}

std::string jpeg_errors::words() const {
  if (handlers_.base.msg_code == JERR_OUT_OF_MEMORY) {
    throw std::bad_alloc{};
  }
  return handlers_.words;
}

void jpeg_errors::leave(j_common_ptr codec) {
  auto* self = reinterpret_cast<handlers*>(codec->err);
  self->base.format_message(codec, self->words);
  std::longjmp(self->fatal, 1);
}

void jpeg_errors::note(j_common_ptr codec, int level) {
  constexpr int warning = -1;
  auto* self = reinterpret_cast<handlers*>(codec->err);
  if (level == warning && self->loss == nullptr) {
    self->loss = loss_by(self->base.msg_code);
  }
}

}  // namespace stayler::adapters
