// SPDX-License-Identifier: Apache-2.0
#include "connection.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "streampark/base/files.h"
#include "streampark/base/log.h"

#include "gate.h"

namespace streampark::http {
// In this file co_await stands in a statement of its own: inside conditions, operands of && and ?:
// and braced lists g++ 12 makes code that traps.
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using Code = boost::system::error_code;
using PlainStream = asio::ip::tcp::socket;
using TlsStream = asio::ssl::stream<asio::ip::tcp::socket>;
using Parser = bhttp::request_parser<bhttp::buffer_body>;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kPiece = 64U << 10U;
/// A stream's events are gathered for this long, so that a busy console writes seldom.
constexpr auto kEventPause = std::chrono::milliseconds(50);
/// A handler may take as long as it likes as far as the connection is concerned.
constexpr base::Millis kNoDeadline = base::Millis(365LL * 86'400'000);

/// A file that is written to and removed unless it was moved away.
class SpoolFile {
 public:
  ~SpoolFile() {
    if (descriptor_ >= 0) {
      ::close(descriptor_);
    }
    if (!path_.empty()) {
      ::unlink(path_.c_str());
    }
  }
  SpoolFile() = default;
  SpoolFile(const SpoolFile&) = delete;
  SpoolFile& operator=(const SpoolFile&) = delete;

  base::Status Open(const std::filesystem::path& folder) {
    std::string name = (folder / "upload-XXXXXX").string();
    descriptor_ = ::mkostemp(name.data(), O_CLOEXEC);
    if (descriptor_ < 0) {
      return base::FileError(errno, "cannot write to", folder);
    }
    path_ = name;
    return base::Ok();
  }
  base::Status Append(std::string_view bytes) {
    size_ += bytes.size();
    while (!bytes.empty()) {
      const ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
      if (count < 0 && errno != EINTR) {
        return base::FileError(errno, "cannot write", path_);
      }
      bytes.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    }
    return base::Ok();
  }
  SpooledBody body() const { return {path_, size_}; }

 private:
  int descriptor_ = -1;
  std::filesystem::path path_;
  std::uint64_t size_ = 0;
};

/// Lets any thread wake a coroutine that waits on a hub. Kept by whoever may call it, so that a
/// late call finds something.
struct Waker : std::enable_shared_from_this<Waker> {
  explicit Waker(asio::io_context& context) : timer(context) {}

  void Wake() {
    if (!pending.exchange(true)) {
      asio::post(timer.get_executor(), [self = shared_from_this()] {
        self->pending = false;
        self->timer.cancel();
      });
    }
  }

  asio::steady_timer timer;
  std::atomic<bool> pending = false;
};

base::Error TooLarge(std::uint64_t limit) {
  return base::Error(base::ErrorCode::kPayloadTooLarge,
                     "the body is longer than " + std::to_string(limit) + " bytes");
}

/// One connection: reads requests one after another, answers each before the next.
template <typename Stream>
class Connection final : public LiveConnection {
 public:
  Connection(Stream stream, Hub& hub, Shared& shared)
      : stream_(std::move(stream)),
        hub_(hub),
        shared_(shared),
        place_(hub.connections().insert(hub.connections().end(), this)) {
    Code ignored;
    socket().set_option(asio::ip::tcp::no_delay(true), ignored);
    const auto remote = socket().remote_endpoint(ignored);
    address_ = ignored ? std::string() : remote.address().to_string();
    shared_.traffic.ConnectionOpened();
  }
  ~Connection() override {
    hub_.connections().erase(place_);
    shared_.traffic.ConnectionClosed();
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void Abort() override {
    Code ignored;
    socket().close(ignored);
  }
  void Wake() override {
    if (waker_) {
      waker_->Wake();
    }
  }

  asio::awaitable<void> Run() {
    if constexpr (kIsTls) {
      Enter(Phase::kReading, shared_.options.header_deadline);
      const auto [error] = co_await stream_.async_handshake(asio::ssl::stream_base::server, kAwait);
      if (error) {
        co_return;
      }
    }
    bool going = true;
    while (going && !hub_.draining()) {
      going = co_await ServeOne();
    }
    co_await CloseGently();
  }

 private:
  static constexpr bool kIsTls = std::is_same_v<Stream, TlsStream>;

  asio::ip::tcp::socket& socket() {
    if constexpr (kIsTls) {
      return stream_.next_layer();
    } else {
      return stream_;
    }
  }

  /// False when the connection is to end.
  asio::awaitable<bool> ServeOne() {
    if (buffer_.size() == 0) {
      Enter(Phase::kIdle, shared_.options.idle_deadline);
      const auto [error, count] =
          co_await stream_.async_read_some(buffer_.prepare(kFirstRead), kAwait);
      if (error) {
        co_return false;
      }
      buffer_.commit(count);
    }
    Enter(Phase::kReading, shared_.options.header_deadline);
    Parser parser;
    parser.header_limit(static_cast<std::uint32_t>(shared_.options.header_limit));
    parser.body_limit(boost::none);  // limited below, by what the request is for
    const auto [error, count] = co_await bhttp::async_read_header(stream_, buffer_, parser, kAwait);
    static_cast<void>(count);
    if (error) {
      co_await RefuseHead(error);
      co_return false;
    }
    Exchange exchange = MakeExchange(parser.get());
    keep_alive_ = parser.get().keep_alive();
    const bool head_only = parser.get().method() == bhttp::verb::head;
    SpoolFile spool;
    std::optional<Response> response = exchange.Open();
    if (!response && !parser.is_done() && !exchange.identified()) {
      Enter(Phase::kHandling, kNoDeadline);
      response = co_await RunOnPool<&Exchange::Identify>(exchange);
    }
    if (!response && exchange.may_send_body()) {
      response = co_await ReadBody(parser, exchange, spool);
    }
    if (!parser.is_done()) {
      // The rest of a body that nobody reads would be taken for the next request.
      keep_alive_ = false;
    }
    if (!response && socket().is_open()) {
      Enter(Phase::kHandling, kNoDeadline);
      if (exchange.runs_inline()) {
        response = exchange.Run();
      } else {
        response = co_await RunOnPool<&Exchange::Run>(exchange);
      }
    }
    if (!response || !socket().is_open()) {
      co_return false;
    }
    keep_alive_ = keep_alive_ && !hub_.draining();
    // A stream is counted when it begins.
    exchange.Close(response->status);
    const bool written = co_await Write(*response, head_only);
    co_return written&& keep_alive_;
  }

  Exchange MakeExchange(const bhttp::request<bhttp::buffer_body>& head) {
    Request request;
    request.method = head.method_string();
    request.address = address_;
    request.secure = kIsTls;
    strict_transport_ = kIsTls && !NamesLoopback(head[bhttp::field::host]);
    for (const auto& field : head) {
      std::string name(field.name_string());
      std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) {
        return static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
      });
      request.headers.emplace_back(std::move(name), std::string(field.value()));
    }
    return Exchange(shared_, std::move(request), std::string(head.target()));
  }

  asio::awaitable<void> RefuseHead(Code error) {
    if (error.category() != bhttp::make_error_code(bhttp::error::end_of_stream).category() ||
        error == bhttp::error::end_of_stream || error == bhttp::error::partial_message) {
      co_return;
    }
    shared_.traffic.Record(shared_.router.routes().size(), 400, {});
    const bool too_long =
        error == bhttp::error::header_limit || error == bhttp::error::buffer_overflow;
    Response response = ProblemOf(
        base::Error(too_long ? base::ErrorCode::kPayloadTooLarge : base::ErrorCode::kInvalidRequest,
                    too_long ? "the request's head is too long" : "this is not an HTTP request")
            .WithCause(error.message()),
        {});
    keep_alive_ = false;
    co_await Write(response, false);
  }

  /// An answer when the body cannot be taken; absent when it was read (or the connection broke,
  /// which the closed socket tells).
  asio::awaitable<std::optional<Response>> ReadBody(Parser& parser, Exchange& exchange,
                                                    SpoolFile& spool) {
    if (parser.is_done()) {
      co_return std::nullopt;
    }
    const bool spooled = exchange.wants_spooled_body();
    const std::uint64_t limit = spooled ? shared_.options.upload_limit : shared_.options.body_limit;
    const auto announced = parser.content_length();
    if (announced && *announced > limit) {
      co_return ProblemOf(TooLarge(limit), exchange.request().trace_id);
    }
    if (spooled) {
      if (const base::Status opened = spool.Open(shared_.options.spool_folder); !opened.ok()) {
        co_return ProblemOf(opened.error(), exchange.request().trace_id);
      }
    }
    if (exchange.request().Header("expect") == "100-continue") {
      constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
      Enter(Phase::kReading, shared_.options.write_deadline);
      co_await asio::async_write(stream_, asio::buffer(kContinue), kAwait);
    }
    std::vector<char> piece(announced ? std::min<std::uint64_t>(*announced, kPiece) : kPiece);
    std::uint64_t total = 0;
    while (!parser.is_done()) {
      parser.get().body().data = piece.data();
      parser.get().body().size = piece.size();
      Enter(Phase::kReading, shared_.options.body_deadline);
      const auto [error, count] = co_await bhttp::async_read_some(stream_, buffer_, parser, kAwait);
      static_cast<void>(count);
      if (error && error != bhttp::error::need_buffer) {
        Abort();
        co_return std::nullopt;
      }
      const std::string_view bytes(piece.data(), piece.size() - parser.get().body().size);
      total += bytes.size();
      if (total > limit) {
        co_return ProblemOf(TooLarge(limit), exchange.request().trace_id);
      }
      if (spooled) {
        if (const base::Status written = spool.Append(bytes); !written.ok()) {
          co_return ProblemOf(written.error(), exchange.request().trace_id);
        }
      } else {
        exchange.request().body.append(bytes);
      }
    }
    if (spooled) {
      exchange.request().upload = spool.body();
    }
    co_return std::nullopt;
  }

  template <auto kWork>
  asio::awaitable<std::optional<Response>> RunOnPool(Exchange& exchange) {
    const auto done = std::make_shared<Waker>(hub_.context());
    done->timer.expires_at(asio::steady_timer::time_point::max());
    std::optional<Response> response;
    std::atomic<bool> finished = false;
    // The coroutine does not end before the work has: the server joins the pool before it drops
    // hubs.
    const bool submitted = shared_.pool.TrySubmit([&exchange, &response, &finished, done] {
      response = (exchange.*kWork)();
      finished = true;
      done->Wake();
    });
    if (!submitted) {
      co_return ProblemOf(base::Error(base::ErrorCode::kUnavailable, "the console is too busy")
                              .WithHint("try again soon"),
                          exchange.request().trace_id);
    }
    while (!finished) {
      co_await done->timer.async_wait(kAwait);
    }
    co_return response;
  }

  asio::awaitable<bool> Write(Response& response, bool head_only) {
    if (auto* stream = std::get_if<std::unique_ptr<EventStream>>(&response.body)) {
      const bool written = co_await WriteEvents(response, **stream, head_only);
      co_return written;
    }
    if (auto* file = std::get_if<FileBody>(&response.body)) {
      const bool written = co_await WriteFile(response, *file, head_only);
      co_return written;
    }
    const auto* shared_bytes = std::get_if<std::shared_ptr<const std::string>>(&response.body);
    const std::string& bytes =
        shared_bytes != nullptr ? **shared_bytes : std::get<std::string>(response.body);
    head_.clear();
    AppendHead(head_, response, bytes.size(), hub_.date(), keep_alive_, strict_transport_);
    std::array<asio::const_buffer, 2> buffers;
    buffers[0] = asio::buffer(head_);
    buffers[1] = head_only ? asio::const_buffer() : asio::buffer(bytes);
    Enter(Phase::kWriting, shared_.options.write_deadline);
    const auto [error, count] = co_await asio::async_write(stream_, buffers, kAwait);
    static_cast<void>(count);
    co_return !error;
  }

  asio::awaitable<bool> WriteBytes(std::string_view bytes) {
    Enter(Phase::kWriting, shared_.options.write_deadline);
    const auto [error, count] = co_await asio::async_write(stream_, asio::buffer(bytes), kAwait);
    static_cast<void>(count);
    co_return !error;
  }

  asio::awaitable<bool> WriteFile(Response& response, const FileBody& body, bool head_only) {
    const int descriptor = ::open(body.file.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat status {};
    if (descriptor < 0 || ::fstat(descriptor, &status) != 0) {
      Response gone = ProblemOf(base::FileError(errno, "cannot read", body.file.filename()), {});
      const bool written = co_await Write(gone, head_only);
      co_return written;
    }
    const auto size = static_cast<std::uint64_t>(status.st_size);
    head_.clear();
    AppendHead(head_, response, size, hub_.date(), keep_alive_, strict_transport_);
    bool going = co_await WriteBytes(head_);
    std::vector<char> piece(std::min<std::uint64_t>(size, kPiece));
    for (std::uint64_t left = head_only ? 0 : size; going && left > 0;) {
      const ssize_t count =
          ::read(descriptor, piece.data(), std::min<std::uint64_t>(left, piece.size()));
      if (count <= 0) {
        // Shorter than it was: the promised length cannot be kept.
        going = false;
        break;
      }
      left -= static_cast<std::uint64_t>(count);
      const std::string_view bytes(piece.data(), static_cast<std::size_t>(count));
      going = co_await WriteBytes(bytes);
    }
    ::close(descriptor);
    co_return going;
  }

  asio::awaitable<bool> WriteEvents(Response& response, EventStream& events, bool head_only) {
    keep_alive_ = false;
    head_.clear();
    response.headers.emplace_back("X-Accel-Buffering", "no");
    AppendHead(head_, response, std::nullopt, hub_.date(), false, strict_transport_);
    const bool begun = co_await WriteBytes(head_);
    if (!begun || head_only) {
      co_return false;
    }
    waker_ = std::make_shared<Waker>(hub_.context());
    events.OnWake([waker = waker_] { waker->Wake(); });
    std::string text;
    auto last_written = std::chrono::steady_clock::now();
    while (!hub_.draining()) {
      text.clear();
      if (!events.Take(text)) {
        co_return false;
      }
      const auto now = std::chrono::steady_clock::now();
      if (text.empty() && now - last_written >= shared_.options.event_heartbeat) {
        text = ":\n\n";
      }
      if (!text.empty()) {
        last_written = now;
        const bool written = co_await WriteBytes(text);
        if (!written) {
          co_return false;
        }
        Enter(Phase::kStreaming, kNoDeadline);
        asio::steady_timer pause(hub_.context(), kEventPause);
        co_await pause.async_wait(kAwait);
        continue;
      }
      Enter(Phase::kStreaming, kNoDeadline);
      waker_->timer.expires_at(last_written + shared_.options.event_heartbeat);
      co_await waker_->timer.async_wait(kAwait);
      if (!socket().is_open()) {
        co_return false;
      }
    }
    co_return false;
  }

  /// Says goodbye so that the last answer is not lost with unread input.
  asio::awaitable<void> CloseGently() {
    if (!socket().is_open()) {
      co_return;
    }
    Enter(Phase::kWriting, base::Millis(2000));
    if constexpr (kIsTls) {
      co_await stream_.async_shutdown(kAwait);
    }
    Code ignored;
    socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    // A client that is still sending would get a reset before it has read the answer.
    std::vector<char> rest(kPiece);
    while (socket().is_open()) {
      const auto [error, count] = co_await socket().async_read_some(asio::buffer(rest), kAwait);
      if (error || count == 0) {
        break;
      }
    }
    socket().close(ignored);
  }

  static constexpr std::size_t kFirstRead = 4096;

  Stream stream_;
  Hub& hub_;
  Shared& shared_;
  std::list<LiveConnection*>::iterator place_;
  std::string address_;
  beast::flat_buffer buffer_;
  std::string head_;
  bool keep_alive_ = true;
  bool strict_transport_ = false;
  std::shared_ptr<Waker> waker_;
};

template <typename Stream>
asio::awaitable<void> ServeStream(Stream stream, Hub& hub, Shared& shared) {
  Connection<Stream> connection(std::move(stream), hub, shared);
  try {
    co_await connection.Run();
  } catch (const std::exception& error) {
    base::LogError("connection failed", {{"cause", error.what()}});
  }
}

}  // namespace

asio::awaitable<void> ServePlain(asio::ip::tcp::socket socket, Hub& hub, Shared& shared) {
  return ServeStream<PlainStream>(std::move(socket), hub, shared);
}

asio::awaitable<void> ServeTls(asio::ip::tcp::socket socket, asio::ssl::context& tls, Hub& hub,
                               Shared& shared) {
  return ServeStream<TlsStream>(TlsStream(std::move(socket), tls), hub, shared);
}

}  // namespace streampark::http
