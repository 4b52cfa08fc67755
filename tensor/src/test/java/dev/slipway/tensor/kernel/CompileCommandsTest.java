package dev.slipway.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * What the compiler is told names classes that exist, and all that it has to name: a class that was
 * moved from under its line still works, slower.
 */
class CompileCommandsTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.slipway.tensor");

  /** A line such as {@code dontinline a.b.Row*::*}. */
  private record Command(String what, String type, String method) {
    static Command of(String line) {
      String[] words = line.split("\\s+|::");
      assertThat(words).as(line).hasSize(3);
      return new Command(words[0], words[1], words[2]);
    }

    /** A star stands at the end alone, as these lines have it. */
    private static boolean matches(String pattern, String name) {
      return Pattern.matches(Pattern.quote(pattern).replace("*", "\\E.*\\Q"), name);
    }

    boolean covers(JavaClass of) {
      return matches(type, of.getName());
    }

    boolean finds() {
      return CLASSES.stream()
          .filter(this::covers)
          .flatMap(of -> of.getMethods().stream())
          .anyMatch(of -> matches(method, of.getName()));
    }
  }

  private static List<Command> commands() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(CompileCommandsTest.class.getResourceAsStream("compile-commands"))) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return text.lines().filter(line -> !line.equals("quiet")).map(Command::of).toList();
    }
  }

  @Test
  void everyLineNamesAMethodThatExists() throws IOException {
    assertThat(commands()).isNotEmpty().allMatch(Command::finds);
  }

  @Test
  void everyClassOfLoopsIsKeptFromBeingInlined() throws IOException {
    List<Command> kept =
        commands().stream().filter(command -> command.what.equals("dontinline")).toList();
    List<JavaClass> loops =
        CLASSES.stream().filter(type -> type.getSimpleName().startsWith("Row")).toList();
    assertThat(loops)
        .hasSizeGreaterThan(15)
        .allMatch(type -> kept.stream().anyMatch(command -> command.covers(type)));
  }

  @Test
  void lanesAreInlined() throws IOException {
    assertThat(commands())
        .anyMatch(
            command -> command.what.equals("inline") && command.covers(CLASSES.get(Lanes.class)));
  }
}
