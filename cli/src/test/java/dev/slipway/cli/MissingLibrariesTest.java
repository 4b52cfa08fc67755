package dev.slipway.cli;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What commands say where libtorch's libraries are not to be had. */
class MissingLibrariesTest {
  private static final Path MODEL =
      Cli.root().resolve("core/src/test/resources/dev/slipway/model/published/llama");
  private static final Predicate<String> NATIVE =
      Pattern.compile("pytorch-[^/]*-(linux|macosx|windows)[^/]*[.]jar$").asPredicate();
  private static final Predicate<String> CLASSES =
      Pattern.compile("pytorch-[^/]*[.]jar$").asPredicate();

  @TempDir private Path temp;

  /** The class path of this process without the jars that are told. */
  private static String without(Predicate<String> jars) {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(jars.negate())
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static Cli.Result run(String classPath, List<String> flags, Object... arguments) {
    return Cli.start(classPath, flags, Map.of(), arguments).result();
  }

  @ParameterizedTest
  @ValueSource(strings = {"generate --prompt a", "serve --port 0", "doctor"})
  void aMissingJarIsNamedWithWhatFetchesIt(String command) {
    List<Object> words = new ArrayList<>(List.of((Object[]) command.split(" ")));
    if (!command.equals("doctor")) {
      words.add(1, MODEL);
    }
    run(without(NATIVE), List.of(), words.toArray())
        .fails(4, "engine.libraries", "jnitorch", "./slipway build -Djavacpp.platform=");
  }

  @Test
  void foldersThatCantBeMadeAreTold() {
    Path file = TinyRun.write(temp.resolve("file"), "no folder");
    List<String> flags =
        List.of(
            "-Dorg.bytedeco.javacpp.cachedir=" + file.resolve("cache"),
            "-Duser.home=" + file,
            "-Djava.io.tmpdir=" + file);
    run(System.getProperty("java.class.path"), flags, "doctor")
        .fails(4, "engine.libraries", ".javacpp/cache", "org.bytedeco.javacpp.cachedir=FOLDER");
    run(System.getProperty("java.class.path"), flags, "generate", MODEL, "--prompt", "a")
        .fails(4, "tokenizer.library", ".djl.ai", "DJL_CACHE_DIR");
  }

  @Test
  void aJarThatIsGoneIsToldByAClassOfIt() {
    run(without(CLASSES), List.of(), "generate", MODEL, "--prompt", "a")
        .fails(4, "launcher.classes", "org.bytedeco.pytorch", "./slipway build");
  }
}
