package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher in a clone of its own, on machines that are made of stubs. */
class LauncherTest {
  @TempDir Path machine;
  private Path clone;
  private Path bin;
  private Path home;

  @BeforeEach
  void machine() throws IOException {
    assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "there is no bash here: skipped");
    clone = Files.createDirectories(machine.resolve("clone"));
    bin = Files.createDirectories(machine.resolve("bin"));
    home = Files.createDirectories(machine.resolve("home"));
    Files.copy(
        Cli.root().resolve("slipway"),
        clone.resolve("slipway"),
        StandardCopyOption.COPY_ATTRIBUTES);
    Files.writeString(clone.resolve("pom.xml"), "<project/>");
    for (String module : List.of("tensor", "core", "platform", "cli")) {
      Files.createDirectories(clone.resolve(module).resolve("src/main"));
      Files.writeString(clone.resolve(module).resolve("pom.xml"), "<project/>");
    }
    for (String tool :
        List.of(
            "cat",
            "dirname",
            "env",
            "find",
            "getconf",
            "grep",
            "head",
            "kill",
            "mkdir",
            "mv",
            "readlink",
            "rm",
            "sed",
            "sleep",
            "tail",
            "tput",
            "uname")) {
      for (String folder : List.of("/bin", "/usr/bin")) {
        Path found = Path.of(folder, tool);
        if (Files.isExecutable(found) && !Files.exists(bin.resolve(tool))) {
          script(bin.resolve(tool), "exec " + found + " \"$@\"");
        }
      }
    }
  }

  private Path jdk(String folder, String version) throws IOException {
    Path jdk = machine.resolve(folder);
    TinyRun.write(jdk.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
    script(jdk.resolve("bin/javac"), "exit 0");
    script(jdk.resolve("bin/java"), "echo \"" + folder + "\" \"$@\"");
    return jdk;
  }

  private static void script(Path file, String body) throws IOException {
    TinyRun.write(file, "#!/bin/bash\n" + body + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** The launcher with these folders in place of those in which systems keep JDKs. */
  private Cli.Result launch(Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    Path launcher = clone.resolve("slipway");
    Files.writeString(
        launcher,
        Files.readString(launcher)
            .replaceAll(" (/usr/lib|/usr/lib64|/usr/java|/opt|/Library)/", " " + machine + "$1/"));
    List<String> command = new ArrayList<>(List.of("/bin/bash", launcher.toString()));
    command.addAll(List.of(arguments));
    Path out = machine.resolve("out");
    Path err = machine.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().clear();
    builder.environment().put("PATH", bin.toString());
    builder.environment().put("HOME", home.toString());
    builder.environment().putAll(environment);
    int status = builder.start().waitFor();
    return new Cli.Result(
        status,
        Files.readString(out, StandardCharsets.UTF_8),
        Files.readString(err, StandardCharsets.UTF_8));
  }

  /** A clone that is built already. */
  private void built() {
    TinyRun.write(clone.resolve("cli/target/slipway.classpath"), "classes");
  }

  @Test
  void findsANewJdkBesideAnOldOneOnThePath() throws IOException, InterruptedException {
    built();
    Path old = jdk("old", "17.0.9");
    Files.createSymbolicLink(bin.resolve("java"), old.resolve("bin/java"));
    Files.createSymbolicLink(bin.resolve("javac"), old.resolve("bin/javac"));
    jdk("home/.sdkman/candidates/java/25.0.1-tem", "25.0.1");
    Cli.Result result = launch(Map.of("JAVA_HOME", old.toString()), "--help");
    assertThat(result.status()).as(result.err()).isZero();
    assertThat(result.out())
        .startsWith("home/.sdkman/candidates/java/25.0.1-tem")
        .contains("--help");
  }

  @Test
  void takesJavaHomeBeforeThePathAndThePathBeforeFolders()
      throws IOException, InterruptedException {
    built();
    Path path = jdk("on-path", "26-ea");
    Files.createSymbolicLink(bin.resolve("javac"), path.resolve("bin/javac"));
    jdk("home/.jdks/other", "25");
    assertThat(launch(Map.of(), "runs").out()).startsWith("on-path ");
    Path named = jdk("named", "25.0.2");
    assertThat(launch(Map.of("JAVA_HOME", named.toString()), "runs").out()).startsWith("named ");
    Path own = jdk("own", "27");
    assertThat(
            launch(
                    Map.of("JAVA_HOME", named.toString(), "SLIPWAY_JAVA_HOME", own.toString()),
                    "runs")
                .out())
        .startsWith("own ");
  }

  @Test
  void givesHeavyCommandsTheirFlagsAndThreads() throws IOException, InterruptedException {
    built();
    jdk("usr/lib/jvm/java-25", "25");
    Cli.Result result =
        launch(
            Map.of("SLIPWAY_JAVA_OPTS", "-Xmx3g -ea"),
            "generate",
            "a model",
            "--prompt",
            "two words");
    assertThat(result.status()).as(result.err()).isZero();
    assertThat(result.out())
        .contains(
            "--add-modules jdk.incubator.vector", "-Dorg.bytedeco.openblas.load=mkl", "-Xmx3g -ea")
        .endsWith("dev.slipway.cli.Slipway generate a model --prompt two words\n");
  }

  /** Arguments and file names are read as the locale says, and as ASCII without one. */
  @Test
  void withoutALocaleTextIsUtf8() throws IOException, InterruptedException {
    built();
    Path jdk = jdk("usr/lib/jvm/java-25", "25");
    script(jdk.resolve("bin/java"), "echo \"${LC_ALL:-none}\"");
    for (Map<String, String> none :
        List.of(Map.<String, String>of(), Map.of("LANG", "POSIX"), Map.of("LC_ALL", "C"))) {
      assertThat(launch(none, "doctor").out()).as(none.toString()).isEqualTo("C.UTF-8\n");
    }
    assertThat(launch(Map.of(), "runs").out()).isEqualTo("C.UTF-8\n");
    assertThat(launch(Map.of("LANG", "de_DE.UTF-8"), "doctor").out()).isEqualTo("none\n");
    assertThat(launch(Map.of("LANG", "C", "LC_ALL", "en_US.ISO-8859-1"), "doctor").out())
        .isEqualTo("en_US.ISO-8859-1\n");
  }

  @Test
  void aBundleStartsItsOwnJava() throws IOException, InterruptedException {
    Path bundle = machine.resolve("bundle");
    Files.createDirectories(bundle.resolve("bin"));
    Files.copy(
        Cli.root().resolve("deploy/bundle/slipway"),
        bundle.resolve("bin/slipway"),
        StandardCopyOption.COPY_ATTRIBUTES);
    TinyRun.write(bundle.resolve("lib/100-a.jar"), "");
    TinyRun.write(bundle.resolve("lib/101-b.jar"), "");
    TinyRun.write(bundle.resolve("lib/slipway.jsa"), "archive");
    TinyRun.write(bundle.resolve("lib/libraries.txt"), "libraries");
    script(
        bundle.resolve("runtime/bin/java"),
        "echo 'WARNING: Using incubator modules: jdk.incubator.vector' >&2; echo told >&2;"
            + " echo \"$LC_ALL\" \"$@\"; exit 3");
    // It is found by a link, too.
    Path link = Files.createSymbolicLink(bin.resolve("slipway"), bundle.resolve("bin/slipway"));
    Path out = machine.resolve("out");
    Path err = machine.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder("/bin/bash", link.toString(), "score", "two words")
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().clear();
    builder.environment().put("PATH", bin.toString());
    assertThat(builder.start().waitFor()).isEqualTo(3);
    assertThat(Files.readString(out))
        .startsWith("C.UTF-8 --add-modules jdk.incubator.vector")
        .contains("-cp " + bundle.resolve("lib/100-a.jar") + ":" + bundle.resolve("lib/101-b.jar"))
        .contains("-XX:SharedArchiveFile=" + bundle.resolve("lib/slipway.jsa"))
        .contains("-Dslipway.libraries=" + bundle.resolve("lib/libraries.txt"))
        .endsWith(" dev.slipway.cli.Slipway score two words\n");
    // The filter may end a moment after the program.
    for (int i = 0; i < 6000 && Files.size(err) == 0; i++) {
      Thread.sleep(10);
    }
    assertThat(Files.readString(err)).isEqualTo("told\n");
  }

  @Test
  void keepsWhatHelpSays() throws IOException, InterruptedException {
    built();
    jdk("usr/lib/jvm/java-25", "25");
    TinyRun.write(clone.resolve("cli/target/help.txt"), "Usage\n");
    assertThat(launch(Map.of(), "--help").out()).isEqualTo("Usage\n");
    assertThat(launch(Map.of()).out()).isEqualTo("Usage\n");
    assertThat(launch(Map.of(), "run", "--help").out())
        .contains("dev.slipway.cli.Slipway run --help");
  }

  @Test
  void withoutAJdkOneLineSaysWhatToInstall() throws IOException, InterruptedException {
    jdk("usr/lib/jvm/java-21", "21.0.4");
    script(bin.resolve("apt-get"), "exit 0");
    Cli.Result result = launch(Map.of(), "launch");
    assertThat(result.status()).isEqualTo(4);
    assertThat(result.err().lines())
        .containsExactly(
            "error[launcher.no-jdk]: no JDK 25 or newer was found in JAVA_HOME, on the PATH or in the"
                + " usual folders; run: sudo apt-get install openjdk-25-jdk openjdk-25-source");
    assertThat(result.out()).isEmpty();
    Files.delete(bin.resolve("apt-get"));
    assertThat(launch(Map.of(), "launch").err()).contains("set JAVA_HOME");
  }

  @Test
  void withoutMavenOneLineSaysWhatToInstall() throws IOException, InterruptedException {
    jdk("usr/lib/jvm/java-25", "25");
    script(bin.resolve("dnf"), "exit 0");
    for (String command : List.of("launch", "test", "build")) {
      Cli.Result result = launch(Map.of(), command);
      assertThat(result.status()).as(command).isEqualTo(4);
      assertThat(result.err().lines())
          .containsExactly(
              "error[launcher.no-maven]: Apache Maven (3.8 or newer) is not on the PATH; run: sudo"
                  + " dnf install maven");
    }
  }

  @Test
  void aFailedBuildShowsItsErrorsAndWhereTheLogIs() throws IOException, InterruptedException {
    jdk("usr/lib/jvm/java-25", "25");
    script(bin.resolve("mvn"), "echo '[INFO] noise'; echo '[ERROR] no room'; exit 1");
    Cli.Result result = launch(Map.of(), "launch");
    assertThat(result.status()).isEqualTo(4);
    assertThat(result.err())
        .contains("[ERROR] no room", "error[launcher.build-failed]", "target/build.log")
        .doesNotContain("noise");
    assertThat(clone.resolve("cli/target/slipway.classpath")).doesNotExist();
  }

  /** With the launcher's own flags: what the JVM does when a mapped file is cut off under it. */
  @Test
  void aProcessThatNativeCodeEndsLeavesASentence() throws IOException, InterruptedException {
    built();
    Path jdk = jdk("opt/jdk-25", "25.0.1");
    script(jdk.resolve("bin/java"), "printf '%s\\n' \"$@\"");
    Cli.Result flags = launch(Map.of(), "generate", "model");
    String onError =
        flags
            .out()
            .lines()
            .filter(line -> line.startsWith("-XX:OnError="))
            .findFirst()
            .orElseThrow();
    Path said = machine.resolve("said");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                onError,
                "-XX:-CreateCoredumpOnCrash",
                "-XX:ErrorFile=" + machine.resolve("hs_err.log"),
                "-cp",
                System.getProperty("java.class.path"),
                Waits.class.getName())
            .redirectError(said.toFile())
            .start();
    try {
      assertThat(process.getInputStream().read()).isEqualTo('.');
      new ProcessBuilder("/bin/bash", "-c", "kill -BUS " + process.pid()).start().waitFor();
      process.getInputStream().transferTo(OutputStream.nullOutputStream());
      assertThat(process.waitFor()).isNotZero();
    } finally {
      process.destroyForcibly();
    }
    assertThat(Files.readString(said)).contains("error[launcher.crash]: native code failed");
  }

  /** A process that says that it is there, and stays. */
  static final class Waits {
    private Waits() {}

    public static void main(String[] arguments) throws InterruptedException {
      System.out.print('.');
      System.out.flush();
      Thread.sleep(60_000);
    }
  }
}
