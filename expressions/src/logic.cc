// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "bound.h"

/// Comparisons and SQL's logic of three values. Conditions are computed from left to right, and only for rows where they still decide something:
/// `d <> 0 AND n / d > 2` divides by no zero.
///
/// | a     | b     | a AND b | a OR b |
/// |-------|-------|---------|--------|
/// | TRUE  | NULL  | NULL    | TRUE   |
/// | FALSE | NULL  | FALSE   | NULL   |
/// | NULL  | NULL  | NULL    | NULL   |
///
/// Texts compare by their code points; of floating numbers NaN equals itself and is above all others, as in PostgreSQL.
namespace streampark::expressions {
namespace {

int Order(std::int64_t a, std::int64_t b) { return a < b ? -1 : a > b ? 1 : 0; }
int Order(Int128 a, Int128 b) { return a < b ? -1 : a > b ? 1 : 0; }
int Order(std::string_view a, std::string_view b) {
  const int order = a.compare(b);
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}
int Order(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) {
    return (std::isnan(a) ? 1 : 0) - (std::isnan(b) ? 1 : 0);
  }
  return a < b ? -1 : a > b ? 1 : 0;
}

/// By bits: less 1, equal 2, greater 4.
unsigned OrdersOf(std::string_view sign) {
  return sign == "="    ? 2U
         : sign == "<>" ? 5U
         : sign == "<"  ? 1U
         : sign == "<=" ? 3U
         : sign == ">"  ? 4U
                        : 6U;
}

template <typename T>
NodePtr Comparison(unsigned orders, NodePtr a, NodePtr b) {
  return MakeCall<std::int64_t>(
      [orders](Work& /*work*/, const auto& in, std::size_t row, std::int64_t& out) {
        const int order = Order(In<T>(in, 0, row), In<T>(in, 1, row));
        out = orders >> static_cast<unsigned>(order + 1) & 1U;
        return true;
      },
      std::move(a), std::move(b));
}

base::Result<Bound> BindComparison(Call&& call) {
  SP_TRY(Unify({&call.arguments[0], &call.arguments[1]}, call.at));
  const unsigned orders = OrdersOf(call.name);
  NodePtr a = std::move(call.arguments[0].node);
  NodePtr b = std::move(call.arguments[1].node);
  switch (a->storage()) {
    case Storage::kWhole:
      return call.Result(Comparison<std::int64_t>(orders, std::move(a), std::move(b)),
                         TypeKind::kBoolean);
    case Storage::kFloating:
      return call.Result(Comparison<double>(orders, std::move(a), std::move(b)),
                         TypeKind::kBoolean);
    case Storage::kDecimal:
      return call.Result(Comparison<Int128>(orders, std::move(a), std::move(b)),
                         TypeKind::kBoolean);
    case Storage::kText:
      break;
  }
  return call.Result(Comparison<std::string_view>(orders, std::move(a), std::move(b)),
                     TypeKind::kBoolean);
}

/// AND: `decisive` is 0; OR: 1.
class Junction final : public Node {
 public:
  Junction(std::int64_t decisive, NodePtr left, NodePtr right)
      : Node(Storage::kWhole),
        decisive_(decisive),
        left_(std::move(left)),
        right_(std::move(right)) {}

 private:
  void Compute(Work& work, const Rows& rows) override {
    const Vector& left = left_->Run(work, rows);
    open_.clear();
    rows.ForEach([&](std::size_t row) {
      out_.Take(Storage::kWhole, left, row);
      if (left.null[row] != 0 || left.wholes[row] != decisive_) {
        open_.push_back(static_cast<std::int32_t>(row));
      }
    });
    if (open_.empty()) {
      return;
    }
    const Rows rest = Rows::Of(open_, rows.length);
    const Vector& right = right_->Run(work, rest);
    rest.ForEach([&](std::size_t row) {
      if (right.null[row] == 0 && right.wholes[row] == decisive_) {
        out_.null[row] = 0;
        out_.wholes[row] = decisive_;
      } else {
        out_.null[row] |= right.null[row];
      }
    });
  }

  const std::int64_t decisive_;
  NodePtr left_, right_;
  std::vector<std::int32_t> open_;
};

base::Status RequireConditions(Call& call) {
  for (Bound& one : call.arguments) {
    if (one.literal == Bound::Literal::kNull) {
      one = NullOf(TypeKind::kBoolean, one.at);
    }
    if (one.type.kind() != TypeKind::kBoolean) {
      return call.TakesNo(one);
    }
  }
  return base::Ok();
}

base::Result<Bound> BindJunction(Call&& call) {
  SP_TRY(RequireConditions(call));
  return call.Result(
      std::make_unique<Junction>(call.name == "OR" ? 1 : 0, std::move(call.arguments[0].node),
                                 std::move(call.arguments[1].node)),
      TypeKind::kBoolean);
}

base::Result<Bound> BindNot(Call&& call) {
  SP_TRY(RequireConditions(call));
  return call.Result(MakeCall<std::int64_t>(
                         [](Work& /*work*/, const auto& in, std::size_t row, std::int64_t& out) {
                           out = 1 - In<std::int64_t>(in, 0, row);
                           return true;
                         },
                         std::move(call.arguments[0].node)),
                     TypeKind::kBoolean);
}

/// IS NULL, IS TRUE, IS FALSE: never null.
class Test final : public Node {
 public:
  enum class What : std::uint8_t { kNull, kTrue, kFalse };
  Test(What what, NodePtr of) : Node(Storage::kWhole), what_(what), of_(std::move(of)) {}

 private:
  void Compute(Work& work, const Rows& rows) override {
    const Vector& of = of_->Run(work, rows);
    rows.ForEach([&](std::size_t row) {
      const bool null = of.null[row] != 0;
      out_.null[row] = 0;
      out_.wholes[row] = what_ == What::kNull
                             ? (null ? 1 : 0)
                             : (!null && (of.wholes[row] != 0) == (what_ == What::kTrue) ? 1 : 0);
    });
  }

  const What what_;
  NodePtr of_;
};

base::Result<Bound> BindTest(Call&& call) {
  const Test::What what = call.name == "IS NULL"   ? Test::What::kNull
                          : call.name == "IS TRUE" ? Test::What::kTrue
                                                   : Test::What::kFalse;
  if (what != Test::What::kNull) {
    SP_TRY(RequireConditions(call));
  }
  Bound bound = call.Result(std::make_unique<Test>(what, std::move(call.arguments[0].node)),
                            TypeKind::kBoolean);
  bound.nullable = false;
  return bound;
}

bool AreEqual(Storage storage, const Vector& a, const Vector& b, std::size_t row) {
  switch (storage) {
    case Storage::kWhole:
      return a.wholes[row] == b.wholes[row];
    case Storage::kFloating:
      return Order(a.floatings[row], b.floatings[row]) == 0;
    case Storage::kDecimal:
      return a.decimals[row] == b.decimals[row];
    case Storage::kText:
      return a.texts[row] == b.texts[row];
  }
  return false;
}

class Among final : public Node {
 public:
  Among(NodePtr of, std::vector<NodePtr> items)
      : Node(Storage::kWhole), of_(std::move(of)), items_(std::move(items)) {}

 private:
  void Compute(Work& work, const Rows& rows) override {
    const Vector& of = of_->Run(work, rows);
    open_.clear();
    rows.ForEach([&](std::size_t row) {
      out_.null[row] = of.null[row];
      out_.wholes[row] = 0;
      if (of.null[row] == 0) {
        open_.push_back(static_cast<std::int32_t>(row));
      }
    });
    for (std::size_t i = 0; i < items_.size() && !open_.empty(); ++i) {
      const Vector& item = items_[i]->Run(work, Rows::Of(open_, rows.length));
      std::erase_if(open_, [&](std::int32_t at) {
        const auto row = static_cast<std::size_t>(at);
        if (item.null[row] != 0) {
          out_.null[row] = 1;
          return false;
        }
        if (!AreEqual(of_->storage(), of, item, row)) {
          return false;
        }
        out_.null[row] = 0;
        out_.wholes[row] = 1;
        return true;
      });
    }
  }

  NodePtr of_;
  std::vector<NodePtr> items_;
  std::vector<std::int32_t> open_;  // rows that have met none so far
};

base::Result<Bound> BindAmong(Call&& call) {
  std::vector<Bound*> parts;
  for (Bound& one : call.arguments) {
    parts.push_back(&one);
  }
  SP_TRY(Unify(std::move(parts), call.at));
  std::vector<NodePtr> items;
  for (std::size_t i = 1; i < call.arguments.size(); ++i) {
    items.push_back(std::move(call.arguments[i].node));
  }
  return call.Result(std::make_unique<Among>(std::move(call.arguments[0].node), std::move(items)),
                     TypeKind::kBoolean);
}

/// CASE: each value for the rows whose condition is the first to be TRUE.
class Choice final : public Node {
 public:
  /// One value more than conditions: the last is ELSE.
  Choice(std::vector<NodePtr> conditions, std::vector<NodePtr> values)
      : Node(values.front()->storage()),
        conditions_(std::move(conditions)),
        values_(std::move(values)) {}

 private:
  void Compute(Work& work, const Rows& rows) override {
    open_.clear();
    rows.ForEach([&](std::size_t row) { open_.push_back(static_cast<std::int32_t>(row)); });
    for (std::size_t i = 0; i < values_.size() && !open_.empty(); ++i) {
      taken_.clear();
      if (i < conditions_.size()) {
        const Vector& condition = conditions_[i]->Run(work, Rows::Of(open_, rows.length));
        std::erase_if(open_, [&](std::int32_t at) {
          const auto row = static_cast<std::size_t>(at);
          const bool met = condition.null[row] == 0 && condition.wholes[row] != 0;
          if (met) {
            taken_.push_back(at);
          }
          return met;
        });
      } else {
        std::swap(taken_, open_);
      }
      if (taken_.empty()) {
        continue;
      }
      const Rows chosen = Rows::Of(taken_, rows.length);
      const Vector& value = values_[i]->Run(work, chosen);
      chosen.ForEach([&](std::size_t row) { out_.Take(storage(), value, row); });
    }
  }

  std::vector<NodePtr> conditions_, values_;
  std::vector<std::int32_t> open_, taken_;
};

/// The first that is not null.
class FirstKnown final : public Node {
 public:
  explicit FirstKnown(std::vector<NodePtr> values)
      : Node(values.front()->storage()), values_(std::move(values)) {}

 private:
  void Compute(Work& work, const Rows& rows) override {
    open_.clear();
    rows.ForEach([&](std::size_t row) { open_.push_back(static_cast<std::int32_t>(row)); });
    for (const NodePtr& one : values_) {
      if (open_.empty()) {
        return;
      }
      const Vector& value = one->Run(work, Rows::Of(open_, rows.length));
      std::erase_if(open_, [&](std::int32_t at) {
        const auto row = static_cast<std::size_t>(at);
        out_.Take(storage(), value, row);
        return value.null[row] == 0;
      });
    }
  }

  std::vector<NodePtr> values_;
  std::vector<std::int32_t> open_;
};

base::Result<Bound> BindCoalesce(Call&& call) {
  std::vector<Bound*> parts;
  bool nullable = true;
  for (Bound& one : call.arguments) {
    parts.push_back(&one);
    nullable = nullable && one.nullable;
  }
  Type type = SP_TRY(Unify(std::move(parts), call.at));
  std::vector<NodePtr> values;
  for (Bound& one : call.arguments) {
    values.push_back(std::move(one.node));
  }
  Bound bound = call.Result(std::make_unique<FirstKnown>(std::move(values)), std::move(type));
  bound.nullable = nullable;
  return bound;
}

}  // namespace

NodePtr MakeCase(std::vector<NodePtr> conditions, std::vector<NodePtr> values) {
  return std::make_unique<Choice>(std::move(conditions), std::move(values));
}

std::vector<Function> LogicFunctions() {
  constexpr std::size_t kMany = 1'000;
  return {
      {"=", 2, 2, BindComparison}, {"<>", 2, 2, BindComparison},
      {"<", 2, 2, BindComparison}, {"<=", 2, 2, BindComparison},
      {">", 2, 2, BindComparison}, {">=", 2, 2, BindComparison},
      {"AND", 2, 2, BindJunction}, {"OR", 2, 2, BindJunction},
      {"NOT", 1, 1, BindNot},      {"IS NULL", 1, 1, BindTest},
      {"IS TRUE", 1, 1, BindTest}, {"IS FALSE", 1, 1, BindTest},
      {"IN", 2, kMany, BindAmong}, {"coalesce", 1, kMany, BindCoalesce},
  };
}

}  // namespace streampark::expressions
