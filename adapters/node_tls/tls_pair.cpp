// SPDX-License-Identifier: MIT
#include "adapters/node_tls/tls_pair.hpp"

#include "adapters/tls/certificate_names.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/write.hpp>
#include <openssl/ssl.h>

#include <utility>

namespace stayler::adapters {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr std::size_t buffer_bytes = 16UL * 1024;

/// For the end of a connection to be said, and heard.
constexpr milliseconds goodbye_timeout{1'000};

}  // namespace

tls_pair::tls_pair(surroundings& around, context_ptr front, context_ptr back, socket theirs)
    : around_(around),
      back_(std::move(back)),
      theirs_(std::move(theirs), *front),
      resolver_(around.io),
      deadline_(around.io) {
  error_code gone;
  address_ = theirs_.next_layer().remote_endpoint(gone).address();
}

void tls_pair::set_deadline() {
  deadline_.expires_after(around_.options.handshake_timeout);
  deadline_.async_wait([self = shared_from_this()](error_code cancelled) {
    if (!cancelled) {
      self->close("took too long");
    }
  });
}

auto tls_pair::then(step next, const char* doing) {
  return [self = shared_from_this(), next, doing](error_code failed, const auto&...) {
    if (self->is_closed_) {
      return;
    }
    if (failed) {
      self->close(std::string{doing} + ": " + failed.message());
      return;
    }
    (self.get()->*next)();
  };
}

auto tls_pair::after_handshake(step next, stream& with, const char* doing) {
  return [self = shared_from_this(), next, &with, doing](error_code failed) {
    const std::string why =
        failed ? why_untrusted(with.native_handle(), self->names_) : std::string{};
    if (why.empty() || self->is_closed_) {
      self->then(next, doing)(failed);
    } else {
      self->close(std::string{doing} + ": " + why);
    }
  };
}

void tls_pair::remember_names(stream& of) {
  of.set_verify_callback([this](bool is_good, asio::ssl::verify_context& verification) {
    if (!is_good) {
      names_ = names_in(verification.native_handle());
    }
    return is_good;
  });
}

void tls_pair::start() {
  set_deadline();
  remember_names(theirs_);
  theirs_.async_handshake(
      asio::ssl::stream_base::server, after_handshake(&tls_pair::trust, theirs_, "TLS")
  );
}

void tls_pair::trust() {
  is_trusted_ = true;
  ours_.emplace(around_.io, *back_);
  remember_names(*ours_);
  around_.on_trusted(shared_from_this());
  set_deadline();
  const node_address& target = around_.options.target;
  resolver_.async_resolve(
      target.host, std::to_string(target.port),
      [self = shared_from_this()](error_code failed, const tcp::resolver::results_type& found) {
        if (self->is_closed_ || failed) {
          self->close("looking up the target: " + failed.message());
          return;
        }
        self->targets_ =
            in_turn(std::vector<tcp::endpoint>{found.begin(), found.end()}, self->around_.turn++);
        asio::async_connect(
            self->ours_->next_layer(), self->targets_.begin(), self->targets_.end(),
            self->then(&tls_pair::greet, "connecting to the target")
        );
      }
  );
}

void tls_pair::greet() {
  set_deadline();
  error_code ignored;
  theirs_.next_layer().set_option(tcp::no_delay{true}, ignored);
  ours_->next_layer().set_option(tcp::no_delay{true}, ignored);
  if (around_.options.peers) {
    port_ = ours_->next_layer().local_endpoint(ignored).port();
    around_.options.peers->add(port_, SSL_get0_peer_certificate(theirs_.native_handle()));
  }
  if (around_.options.expects_target_name) {
    expect_host(ours_->native_handle(), around_.options.target.host);
  }
  ours_->async_handshake(
      asio::ssl::stream_base::client,
      after_handshake(&tls_pair::pass_on, *ours_, "TLS with the target")
  );
}

void tls_pair::pass_on() {
  deadline_.cancel();
  is_open_ = true;
  in_.from = out_.to = &theirs_;
  in_.to = out_.from = &*ours_;
  for (direction* way : {&in_, &out_}) {
    way->buffer.resize(buffer_bytes);
    way->heard = std::chrono::steady_clock::now();
    read(*way);
  }
}

void tls_pair::read(direction& way) {
  way.from->async_read_some(
      asio::buffer(way.buffer),
      [self = shared_from_this(), &way](error_code failed, std::size_t size) {
        if (self->is_closed_ || failed) {
          self->close();
          return;
        }
        way.heard = std::chrono::steady_clock::now();
        if (self->may_pass(way, size)) {
          self->write(way, size);
        } else {
          self->close("a message that nodes do not send");
        }
      }
  );
}

bool tls_pair::may_pass(direction& way, std::size_t size) {
  const bool was_named = !way.gate.process().empty();
  if (!way.gate.lets_pass({way.buffer.data(), size})) {
    return false;
  }
  const std::string& process = way.gate.process();
  if (was_named || process.empty() || &way != &in_ || port_ == 0) {
    return true;
  }
  // Not the target's own name either, which it has said first.
  return !out_.gate.process().starts_with(process) && around_.options.peers->claim(port_, process);
}

void tls_pair::write(direction& way, std::size_t size) {
  asio::async_write(
      *way.to, asio::buffer(way.buffer.data(), size),
      [self = shared_from_this(), &way](error_code failed, std::size_t /*size*/) {
        if (self->is_closed_ || failed) {
          self->close();
          return;
        }
        self->read(way);
      }
  );
}

void tls_pair::look(std::chrono::steady_clock::time_point now) {
  const auto oldest = now - around_.options.idle_timeout;
  if (is_open_ && (in_.heard < oldest || out_.heard < oldest)) {
    close("silent for too long");
  } else if (port_ != 0 && around_.options.peers->is_refused(port_)) {
    // A moment later, so that they hear why; then they may come again with another certificate.
    if (std::exchange(is_refused_, true)) {
      close("its certificate is for another name");
    }
  }
}

void tls_pair::check_trust(asio::ssl::context& front, asio::ssl::context& back) {
  const bool is_trusted =
      is_still_trusted(theirs_.native_handle(), front.native_handle(), link_end::client)
      && (!is_open_
          || is_still_trusted(ours_->native_handle(), back.native_handle(), link_end::server));
  if (!is_trusted) {
    close("a certificate has ended, or was revoked");
  }
}

void tls_pair::close(const std::string& why) {
  if (std::exchange(is_closed_, true)) {
    return;
  }
  if (port_ != 0) {
    around_.options.peers->remove(port_);
  }
  resolver_.cancel();
  deadline_.cancel();
  if (is_trusted_) {
    deadline_.expires_after(goodbye_timeout);
    deadline_.async_wait([self = shared_from_this()](error_code) { self->hang_up(); });
    end(*ours_, is_open_);
  }
  end(theirs_, is_trusted_);
  around_.on_closed(shared_from_this(), why);
}

void tls_pair::end(stream& which, bool has_met) {
  error_code ignored;
  if (!has_met) {
    which.next_layer().close(ignored);
    return;
  }
  // CAF 0.17 does not clear OpenSSL's queue of errors: a connection that breaks off without a
  // goodbye makes the next read of another one fail, which costs a node its link.
  which.next_layer().cancel(ignored);
  which.async_shutdown([self = shared_from_this(), &which](error_code) {
    error_code already_closed;
    which.next_layer().close(already_closed);
  });
}

void tls_pair::hang_up() {
  error_code ignored;
  theirs_.next_layer().close(ignored);
  ours_->next_layer().close(ignored);
}

}  // namespace stayler::adapters
