package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** A package of this module imports only floors below its own; the commands stand on top. */
class FloorsTest {
  /** As in DESIGN.md. */
  private static final Map<String, Integer> FLOORS =
      Map.of(
          ".display", 1,
          ".process", 1,
          ".input", 2,
          ".model", 2,
          ".service", 3,
          ".run", 4,
          "", 5);

  private static final String ROOT = "dev.slipway.cli";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(ROOT);

  private static String name(JavaClass type) {
    return type.getPackageName().substring(ROOT.length());
  }

  private static int floor(String name) {
    return Objects.requireNonNull(FLOORS.get(name), name);
  }

  @Test
  void everyPackageStandsOnAFloor() {
    Set<String> packages = new TreeSet<>();
    CLASSES.forEach(type -> packages.add(name(type)));
    assertThat(packages).containsExactlyElementsOf(new TreeSet<>(FLOORS.keySet()));
  }

  @Test
  void importsOnlyGoDown() {
    List<String> wrong = new ArrayList<>();
    for (JavaClass type : CLASSES) {
      for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
        JavaClass target = dependency.getTargetClass().getBaseComponentType();
        if (target.getPackageName().startsWith(ROOT)
            && !target.getPackageName().equals(type.getPackageName())
            && floor(name(target)) >= floor(name(type))) {
          wrong.add(dependency.getDescription());
        }
      }
    }
    assertThat(wrong).isEmpty();
  }
}
