// SPDX-License-Identifier: Apache-2.0
#include "streampark/base/http_client.h"

#include <algorithm>
#include <atomic>
#include <cctype>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <unordered_map>

#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "streampark/base/check.h"

namespace streampark::base {
namespace {

// Of one server, and of all together: each may hold an open connection.
constexpr std::size_t kIdlePerServer = 2;
constexpr std::size_t kIdleHandles = 256;

/// A transfer handle with the loop that drives it; the loop keeps connections alive between
/// exchanges and, unlike curl_easy_perform, can be woken by another thread.
struct Transfer {
  Transfer() : loop(curl_multi_init()), easy(curl_easy_init()) {
    SP_CHECK(loop != nullptr && easy != nullptr);
  }
  ~Transfer() {
    curl_easy_cleanup(easy);
    curl_multi_cleanup(loop);
  }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  CURLM* loop;
  CURL* easy;
};

/// What the callbacks of one exchange write to.
struct Exchange {
  HttpResponse response;
  std::size_t limit = 0;
  const std::function<bool(std::string_view)>* on_data = nullptr;  // absent: the body is collected
  SteadyTime last_progress;
  bool head_whole = false;
  bool too_long = false;
  bool ended_by_reader = false;
};

std::string_view Trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && blank(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && blank(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

std::size_t OnHeader(char* bytes, std::size_t, std::size_t count, void* to) {
  auto& exchange = *static_cast<Exchange*>(to);
  const std::string_view line(bytes, count);
  if (line.starts_with("HTTP/")) {
    // An interim answer (100) may come before the real one.
    exchange.response.headers.clear();
    exchange.head_whole = false;
    const std::size_t space = line.find(' ');
    exchange.response.status = space == std::string_view::npos ? 0 : std::atoi(line.data() + space);
  } else if (const std::size_t colon = line.find(':'); colon != std::string_view::npos) {
    std::string name(Trimmed(line.substr(0, colon)));
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    exchange.response.headers.emplace_back(std::move(name), Trimmed(line.substr(colon + 1)));
  } else if (Trimmed(line).empty()) {
    exchange.head_whole = true;
  }
  return count;
}

std::size_t OnBody(char* bytes, std::size_t, std::size_t count, void* to) {
  auto& exchange = *static_cast<Exchange*>(to);
  exchange.last_progress = std::chrono::steady_clock::now();
  const std::string_view piece(bytes, count);
  if (exchange.on_data != nullptr && exchange.response.status / 100 == 2) {
    exchange.ended_by_reader = !(*exchange.on_data)(piece);
    return exchange.ended_by_reader ? 0 : count;
  }
  if (exchange.response.body.size() + count > exchange.limit) {
    exchange.too_long = true;
    return 0;
  }
  exchange.response.body.append(piece);
  return count;
}

/// The engines of this machine are never behind the proxy that the environment names.
std::string NoProxy() {
  std::string hosts = "localhost,127.0.0.1,::1";
  for (const char* name : {"no_proxy", "NO_PROXY"}) {
    if (const char* more = std::getenv(name); more != nullptr && *more != '\0') {
      return hosts + "," + more;
    }
  }
  return hosts;
}

curl_slist* Headers(const HttpRequest& request) {
  curl_slist* list = curl_slist_append(nullptr, "Expect:");
  for (const auto& [name, text] : request.headers) {
    list = curl_slist_append(list, (name + ": " + text).c_str());
  }
  return list;
}

/// Link-local addresses belong to the machine and whoever hosts it: nothing that people name may
/// lead there, by whatever name and after whatever detour of the DNS.
bool IsLinkLocal(const curl_sockaddr& address) {
  if (address.family == AF_INET) {
    sockaddr_in four{};
    std::memcpy(&four, &address.addr, sizeof four);
    return ntohl(four.sin_addr.s_addr) >> 16U == (169U << 8U | 254U);
  }
  if (address.family == AF_INET6) {
    sockaddr_in6 six{};
    std::memcpy(&six, &address.addr, std::min<std::size_t>(sizeof six, address.addrlen));
    return IN6_IS_ADDR_LINKLOCAL(&six.sin6_addr) ||
           (IN6_IS_ADDR_V4MAPPED(&six.sin6_addr) && six.sin6_addr.s6_addr[12] == 169 &&
            six.sin6_addr.s6_addr[13] == 254);
  }
  return false;
}

curl_socket_t OpenSocket(void* /*context*/, curlsocktype /*purpose*/, curl_sockaddr* address) {
  return IsLinkLocal(*address)
             ? CURL_SOCKET_BAD
             : ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

void Configure(CURL* easy, const HttpClient::Options& options, const HttpRequest& request,
               curl_slist* headers, Exchange& exchange) {
  curl_easy_reset(easy);  // keeps the connections
  curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_NOPROXY, NoProxy().c_str());
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(request.connect_deadline.count()));
  if (exchange.on_data == nullptr) {
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(request.deadline.count()));
  }
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &OpenSocket);
  if (!options.unix_socket.empty()) {
    curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, options.unix_socket.c_str());
  }
  if (!options.ca_file.empty()) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, options.ca_file.c_str());
  }
  if (!options.certificate_file.empty()) {
    curl_easy_setopt(easy, CURLOPT_SSLCERT, options.certificate_file.c_str());
  }
  if (!options.key_file.empty()) {
    curl_easy_setopt(easy, CURLOPT_SSLKEY, options.key_file.c_str());
  }
  if (!options.key_password.empty()) {
    curl_easy_setopt(easy, CURLOPT_KEYPASSWD, options.key_password.c_str());
  }
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
  if (request.method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  } else if (!request.body.empty() || request.method == "POST" || request.method == "PUT" ||
             request.method == "PATCH") {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.data());
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
  }
  if (request.method != "HEAD") {
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &OnHeader);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &exchange);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &OnBody);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &exchange);
}

/// http://host:port
std::string ServerOf(const std::string& url) {
  const std::size_t scheme = url.find("://");
  return scheme == std::string::npos ? url : url.substr(0, url.find('/', scheme + 3));
}

std::string AddressOf(const HttpRequest& request) {
  // Query parameters may carry what must not be logged.
  return request.method + " " + request.url.substr(0, request.url.find('?'));
}

Error TransferError(CURLcode code, CURL* easy, const HttpRequest& request,
                    const Exchange& exchange) {
  const std::string cause = curl_easy_strerror(code);
  long sent = 0;  // bytes of the request; on a kept connection no time of connecting would tell
  curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &sent);
  if (exchange.too_long) {
    return Error(ErrorCode::kEngineError, AddressOf(request) + " answered with more than " +
                                              std::to_string(exchange.limit) + " bytes");
  }
  if (sent > 0) {
    const std::string how = code == CURLE_OPERATION_TIMEDOUT
                                ? " was not answered within " + FormatDuration(request.deadline)
                                : " was cut off before its answer was whole";
    return Error(ErrorCode::kEngineTimeout, AddressOf(request) + how).WithCause(cause);
  }
  if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL) {
    return Error(ErrorCode::kInvalidRequest,
                 AddressOf(request) + " is not of an http or https address");
  }
  return Error(ErrorCode::kClusterUnreachable, AddressOf(request) + " could not be sent")
      .WithCause(cause);
}

/// Drives the transfer to its end. Absent: it was ended by `stop` or by silence, told apart by the
/// caller.
std::optional<CURLcode> Drive(const Transfer& transfer, const Exchange& exchange, Millis silence,
                              const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    int running = 0;
    curl_multi_perform(transfer.loop, &running);
    int queued = 0;
    if (const CURLMsg* message = curl_multi_info_read(transfer.loop, &queued)) {
      return message->data.result;
    }
    Millis wait(1000);
    if (exchange.on_data != nullptr) {
      const auto left = std::chrono::ceil<Millis>(exchange.last_progress + silence -
                                                  std::chrono::steady_clock::now());
      if (left.count() <= 0) {
        return std::nullopt;
      }
      wait = std::min(wait, left);
    }
    curl_multi_poll(transfer.loop, nullptr, 0, static_cast<int>(wait.count()), nullptr);
  }
  return std::nullopt;
}

Result<HttpResponse> Run(Transfer& transfer, const HttpClient::Options& options,
                         const HttpRequest& request,
                         const std::function<bool(std::string_view)>* on_data,
                         const std::stop_token& stop) {
  Exchange exchange;
  exchange.limit = request.response_limit;
  exchange.on_data = on_data;
  exchange.last_progress = std::chrono::steady_clock::now();
  curl_slist* headers = Headers(request);
  Configure(transfer.easy, options, request, headers, exchange);
  curl_multi_add_handle(transfer.loop, transfer.easy);
  std::optional<CURLcode> code;
  {
    const std::stop_callback wake(stop, [&transfer] { curl_multi_wakeup(transfer.loop); });
    code = Drive(transfer, exchange, request.deadline, stop);
  }
  curl_multi_remove_handle(transfer.loop, transfer.easy);
  curl_slist_free_all(headers);
  if (code == CURLE_OK && !exchange.head_whole) {
    code = CURLE_PARTIAL_FILE;  // for curl, a head that ends early has no body
  }
  if (exchange.ended_by_reader || code == CURLE_OK) {
    return std::move(exchange.response);
  }
  if (!code && stop.stop_requested()) {
    return Error(ErrorCode::kCancelled, AddressOf(request) + " was cancelled");
  }
  return TransferError(code.value_or(CURLE_OPERATION_TIMEDOUT), transfer.easy, request, exchange);
}

}  // namespace

struct HttpClient::Pool {
  explicit Pool(Options given) : options(std::move(given)) {
    static std::once_flag initialised;
    std::call_once(initialised, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  }

  /// One that has talked to that server before has a connection to it.
  std::unique_ptr<Transfer> Take(const std::string& server) {
    {
      const std::lock_guard lock(mutex);
      if (const auto found = idle.find(server); found != idle.end()) {
        auto transfer = std::move(found->second);
        idle.erase(found);
        return transfer;
      }
    }
    return std::make_unique<Transfer>();
  }
  void Return(std::string server, std::unique_ptr<Transfer> transfer) {
    const std::lock_guard lock(mutex);
    if (idle.count(server) < kIdlePerServer) {
      if (idle.size() == kIdleHandles) {
        idle.erase(idle.begin());
      }
      idle.emplace(std::move(server), std::move(transfer));
    }
  }

  const Options options;
  std::mutex mutex;
  std::unordered_multimap<std::string, std::unique_ptr<Transfer>> idle;
};

std::string_view HttpResponse::header(std::string_view lower_case_name) const {
  for (const auto& [name, text] : headers) {
    if (name == lower_case_name) {
      return text;
    }
  }
  return {};
}

HttpClient::HttpClient() : HttpClient(Options{}) {}
HttpClient::HttpClient(Options options) : pool_(std::make_unique<Pool>(std::move(options))) {}
HttpClient::~HttpClient() = default;

Result<HttpResponse> HttpClient::Send(const HttpRequest& request, std::stop_token stop) {
  std::string server = ServerOf(request.url);
  auto transfer = pool_->Take(server);
  auto response = Run(*transfer, pool_->options, request, nullptr, stop);
  pool_->Return(std::move(server), std::move(transfer));
  return response;
}

Result<HttpResponse> HttpClient::Stream(const HttpRequest& request,
                                        const std::function<bool(std::string_view)>& on_data,
                                        std::stop_token stop) {
  std::string server = ServerOf(request.url);
  auto transfer = pool_->Take(server);
  auto response = Run(*transfer, pool_->options, request, &on_data, stop);
  pool_->Return(std::move(server), std::move(transfer));
  return response;
}

std::string UrlEncode(std::string_view text) {
  constexpr std::string_view kHexDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '-' || c == '.' || c == '_' || c == '~') {
      encoded.push_back(c);
    } else {
      encoded.push_back('%');
      encoded.push_back(kHexDigits[byte >> 4U]);
      encoded.push_back(kHexDigits[byte & 15U]);
    }
  }
  return encoded;
}

std::optional<std::string> UrlDecode(std::string_view text, Plus plus) {
  const auto digit = [](char c) {
    const char lower = static_cast<char>(c | 0x20);
    return c >= '0' && c <= '9' ? c - '0' : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
  };
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded.push_back(text[i] == '+' && plus == Plus::kIsBlank ? ' ' : text[i]);
      continue;
    }
    if (i + 2 >= text.size() || digit(text[i + 1]) < 0 || digit(text[i + 2]) < 0) {
      return std::nullopt;
    }
    decoded.push_back(static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2])));
    i += 2;
  }
  return decoded;
}

}  // namespace streampark::base
