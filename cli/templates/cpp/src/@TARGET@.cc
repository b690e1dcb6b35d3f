#include "@TARGET@.h"

#include <chrono>

#include <streampark/core/job_library.h>

namespace sp = streampark;
using namespace std::chrono_literals;

SP_JOB(@JOB@, sp::StreamContext& context) {
  context
      .Source<Flight>("flights")  // generator.source.flights in application.yml
      .Watermarks(&Flight::scheduled, sp::BoundedOutOfOrderness(5min))
      .KeyBy(&Flight::carrier)
      .Window(sp::Tumbling(1h))
      .Aggregate("mean", sp::Mean(&Flight::delay_minutes))  // has state: named by its author
      .Map([](const auto& window) {
        return CarrierDelay{window.key, window.end, window.value};
      })
      .SinkTo("delays");  // print.sink.delays
}
