package dev.slipway.tensor;

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

/** A package of this module imports only floors below its own, never a neighbour. */
class FloorsTest {
  /** As in DESIGN.md. */
  private static final Map<String, Integer> FLOORS =
      Map.of(
          "",
          1,
          ".machine",
          1,
          ".kernel",
          2,
          ".kernel.train",
          3,
          ".kernel.optim",
          3,
          ".kernel.layer",
          3,
          ".kernel.infer",
          3);

  private static final String ROOT = "dev.slipway.tensor";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(ROOT);

  private static int floor(String name) {
    return Objects.requireNonNull(FLOORS.get(name), name);
  }

  @Test
  void everyPackageStandsOnAFloor() {
    Set<String> packages = new TreeSet<>();
    CLASSES.forEach(type -> packages.add(type.getPackageName().substring(ROOT.length())));
    assertThat(packages).containsExactlyElementsOf(new TreeSet<>(FLOORS.keySet()));
  }

  @Test
  void importsOnlyGoDown() {
    List<String> wrong = new ArrayList<>();
    for (JavaClass type : CLASSES) {
      String own = type.getPackageName().substring(ROOT.length());
      for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
        JavaClass target = dependency.getTargetClass().getBaseComponentType();
        if (target.getPackageName().startsWith(ROOT)) {
          String other = target.getPackageName().substring(ROOT.length());
          if (!other.equals(own) && floor(other) >= floor(own)) {
            wrong.add(dependency.getDescription());
          }
        }
      }
    }
    assertThat(wrong).isEmpty();
  }
}
