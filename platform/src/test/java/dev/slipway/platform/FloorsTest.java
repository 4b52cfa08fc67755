package dev.slipway.platform;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** A package of the platform imports only floors below its own, and few know of models. */
class FloorsTest {
  /** As in DESIGN.md. */
  private static final Map<String, Integer> FLOORS =
      Map.of(
          "access",
          1,
          "audit",
          1,
          "feedback",
          1,
          "store",
          1,
          "toolcall",
          1,
          "engine",
          2,
          "runs",
          2,
          "server",
          3,
          "console",
          4);

  private static final Map<String, Set<String>> CORE_BEYOND_BASE =
      Map.of(
          "engine", Set.of("infer", "model", "tokenizer"), "server", Set.of("infer", "tokenizer"));

  private static final String ROOT = "dev.slipway.";
  private static final String PLATFORM = ROOT + "platform.";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.slipway.platform");

  private static String first(JavaClass type, String root) {
    return type.getPackageName().substring(root.length()).split("\\.")[0];
  }

  @Test
  void everyPackageStandsOnAFloor() {
    Set<String> packages = new TreeSet<>();
    CLASSES.forEach(type -> packages.add(first(type, PLATFORM)));
    assertThat(packages).containsExactlyElementsOf(new TreeSet<>(FLOORS.keySet()));
  }

  @Test
  void importsOnlyGoDown() {
    List<String> wrong = new ArrayList<>();
    for (JavaClass type : CLASSES) {
      String own = first(type, PLATFORM);
      for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
        JavaClass target = dependency.getTargetClass().getBaseComponentType();
        if (target.getPackageName().startsWith(PLATFORM)) {
          String other = first(target, PLATFORM);
          if (!other.equals(own) && FLOORS.get(other) >= FLOORS.get(own)) {
            wrong.add(dependency.getDescription());
          }
        } else if (target.getPackageName().startsWith(ROOT)) {
          String other = first(target, ROOT);
          if (!other.equals("base")
              && !CORE_BEYOND_BASE.getOrDefault(own, Set.of()).contains(other)) {
            wrong.add(dependency.getDescription());
          }
        }
      }
    }
    assertThat(wrong).isEmpty();
  }
}
