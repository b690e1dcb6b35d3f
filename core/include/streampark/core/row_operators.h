// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <type_traits>
#include <utility>

#include "streampark/core/collector.h"
#include "streampark/core/operator.h"
#include "streampark/core/rows.h"

/// Operators without state: a call a batch, the author's function inlined into the loop over its rows.
namespace streampark::core {

template <typename In, typename Out, typename F>
class MapOperator final : public OneInputOperator {
 public:
  explicit MapOperator(F function) : function_(std::move(function)) {}
  void Process(int /*input*/, AnyRows& any) override {
    auto& rows = static_cast<Rows<In>&>(any);
    if constexpr (std::is_same_v<In, Out>) {
      for (std::size_t i = 0; i < rows.size(); ++i) {
        rows.row(i) = function_(std::as_const(rows.row(i)));
      }
      context().output().Emit(rows);
    } else {
      for (std::size_t i = 0; i < rows.size(); ++i) {
        out_.Add(rows.time(i)) = function_(std::as_const(rows.row(i)));
      }
      context().output().Emit(out_);
      out_.Clear();
    }
  }

 private:
  F function_;
  Rows<Out> out_;
};

/// Changes each row where it is.
template <typename T, typename F>
class ModifyOperator final : public OneInputOperator {
 public:
  explicit ModifyOperator(F function) : function_(std::move(function)) {}
  void Process(int /*input*/, AnyRows& any) override {
    auto& rows = static_cast<Rows<T>&>(any);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      function_(rows.row(i));
    }
    context().output().Emit(rows);
  }

 private:
  F function_;
};

/// The values of an optional field, where there is one: moved out of their rows.
template <typename In, typename Out>
class OnlyOperator final : public OneInputOperator {
 public:
  explicit OnlyOperator(std::optional<Out> In::*field) : field_(field) {}
  void Process(int /*input*/, AnyRows& any) override {
    auto& rows = static_cast<Rows<In>&>(any);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (auto& value = rows.row(i).*field_) {
        out_.Add(rows.time(i)) = std::move(*value);
      }
    }
    if (!out_.empty()) {
      context().output().Emit(out_);
      out_.Clear();
    }
  }

 private:
  std::optional<Out> In::*field_;
  Rows<Out> out_;
};

template <typename T, typename F>
class FilterOperator final : public OneInputOperator {
 public:
  explicit FilterOperator(F keep) : keep_(std::move(keep)) {}
  void Process(int /*input*/, AnyRows& any) override {
    auto& rows = static_cast<Rows<T>&>(any);
    rows.KeepIf(keep_);
    if (!rows.empty()) {
      context().output().Emit(rows);
    }
  }

 private:
  F keep_;
};

template <typename In, typename Out, typename F>
class FlatMapOperator final : public OneInputOperator {
 public:
  explicit FlatMapOperator(F function) : function_(std::move(function)) {}
  void Open(OperatorContext& context) override {
    OneInputOperator::Open(context);
    out_.Open(context.output());
  }
  void Process(int /*input*/, AnyRows& any) override {
    auto& rows = static_cast<Rows<In>&>(any);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      out_.SetTime(rows.time(i));
      function_(std::as_const(rows.row(i)), out_);
    }
    out_.Flush();
  }

 private:
  F function_;
  Collector<Out> out_;
};

/// Calls the author's function for each row; nothing follows.
template <typename T, typename F>
class ForEachOperator final : public OneInputOperator {
 public:
  explicit ForEachOperator(F function) : function_(std::move(function)) {}
  void Process(int /*input*/, AnyRows& any) override {
    auto& rows = static_cast<Rows<T>&>(any);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      function_(std::as_const(rows.row(i)));
    }
  }

 private:
  F function_;
};

}  // namespace streampark::core
