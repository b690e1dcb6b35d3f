// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.it;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

/** A job's dependency: a jar with one class of the tests. */
final class JobJar {
  private JobJar() {}

  static Path of(Class<?> type, Path folder) throws IOException {
    Path jar = folder.resolve(type.getSimpleName() + ".jar");
    String entry = type.getName().replace('.', '/') + ".class";
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
        InputStream in = type.getClassLoader().getResourceAsStream(entry)) {
      out.putNextEntry(new JarEntry(entry));
      in.transferTo(out);
    }
    return jar;
  }
}
