// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include "exchange.h"
#include "hub.h"

namespace streampark::http {

/// Serves one accepted socket until it ends, on its hub's thread. Never throws.
boost::asio::awaitable<void> ServePlain(boost::asio::ip::tcp::socket socket, Hub& hub,
                                        Shared& shared);
boost::asio::awaitable<void> ServeTls(boost::asio::ip::tcp::socket socket,
                                      boost::asio::ssl::context& tls, Hub& hub, Shared& shared);

}  // namespace streampark::http
