// SPDX-License-Identifier: Apache-2.0
#include "clusters/cluster_configuration.h"

namespace streampark::flink {

std::string LogSettings() {
  // Each appender keeps at most 4 × 16 MiB. Flink's own page finds what jobs print beside the log,
  // under the same name with .out.
  return R"(# Written by StreamPark at each start of this cluster; edits are lost.
monitorInterval = 30

rootLogger.level = INFO
rootLogger.appenderRef.main.ref = Main

logger.pekko.name = org.apache.pekko
logger.pekko.level = INFO
logger.kafka.name = org.apache.kafka
logger.kafka.level = INFO
logger.hadoop.name = org.apache.hadoop
logger.hadoop.level = INFO
logger.zookeeper.name = org.apache.zookeeper
logger.zookeeper.level = INFO
logger.netty.name = org.jboss.netty.channel.DefaultChannelPipeline
logger.netty.level = OFF

logger.printed.name = org.apache.flink.runtime.taskexecutor.SystemOutRedirectionUtils
logger.printed.level = INFO
logger.printed.additivity = false
logger.printed.appenderRef.printed.ref = Printed

appender.main.name = Main
appender.main.type = RollingFile
appender.main.fileName = ${sys:log.file}
appender.main.filePattern = ${sys:log.file}.%i
appender.main.layout.type = PatternLayout
appender.main.layout.pattern = %d{yyyy-MM-dd HH:mm:ss,SSS} %-5p %-60c %x - %m%n
appender.main.policies.type = Policies
appender.main.policies.size.type = SizeBasedTriggeringPolicy
appender.main.policies.size.size = 16MB
appender.main.strategy.type = DefaultRolloverStrategy
appender.main.strategy.max = 3

appender.printed.name = Printed
appender.printed.type = RollingFile
appender.printed.fileName = ${sys:streampark.printed.file}
appender.printed.filePattern = ${sys:streampark.printed.file}.%i
appender.printed.createOnDemand = true
appender.printed.layout.type = PatternLayout
appender.printed.layout.pattern = %m%n
appender.printed.policies.type = Policies
appender.printed.policies.size.type = SizeBasedTriggeringPolicy
appender.printed.policies.size.size = 16MB
appender.printed.strategy.type = DefaultRolloverStrategy
appender.printed.strategy.max = 3
)";
}

}  // namespace streampark::flink
