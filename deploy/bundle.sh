#!/usr/bin/env bash
# bundle.sh [FOLDER]: makes a folder that runs Slipway on a machine of the same system without a JDK: a Java runtime of the modules
# that are needed (jlink), the libraries, and a launcher. Needs a JDK 25 and Maven here; nothing but glibc and bash there.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
out=${1:-$root/target/slipway-bundle}
jdk=${JAVA_HOME:?JAVA_HOME has to name a JDK 25}
[ ! -e "$out" ] || { echo "error[bundle.exists]: there is $out already; name another folder, or delete it" >&2; exit 4; }

"$root/slipway" build >&2
classpath=$(<"$root/cli/target/slipway.classpath")
part=$out.partial
rm -rf "$part"
mkdir -p "$part/lib" "$part/bin"

# The order on the class path is kept by names that begin with a number.
number=100
IFS=: read -ra jars <<<"$classpath"
for jar in "${jars[@]}"; do
  if [ -d "$jar" ]; then
    "$jdk/bin/jar" --create --file "$part/lib/$number-$(basename "$(dirname "$(dirname "$jar")")").jar" -C "$jar" .
  else
    cp -L "$jar" "$part/lib/$number-$(basename "$jar")"
  fi
  number=$((number + 1))
done

# What the libraries name, and what they reach by services and reflection: elliptic curves and PKCS#11 for TLS, zip file systems, the Vector API.
named=$("$jdk/bin/jdeps" --print-module-deps --ignore-missing-deps --multi-release 25 --recursive \
  --class-path "$(printf '%s:' "$part"/lib/*.jar)" "$part"/lib/*slipway*.jar 2>/dev/null | tail -n 1)
"$jdk/bin/jlink" --output "$part/runtime" --strip-java-debug-attributes --no-man-pages --no-header-files --compress zip-6 \
  --add-modules "$named,java.desktop,java.logging,java.management,java.naming,java.net.http,java.sql,jdk.crypto.ec,jdk.incubator.vector,jdk.management,jdk.unsupported,jdk.zipfs"

cp "$root/tensor/src/main/resources/dev/slipway/tensor/kernel/compile-commands" "$part/lib/compile-commands"
cp "$root/LICENSE" "$part/" 2>/dev/null || true
cp "$root/deploy/bundle/slipway" "$root/deploy/bundle/healthy" "$part/bin/"
chmod +x "$part/bin/slipway" "$part/bin/healthy"
mv "$part" "$out" # what follows notes where it lies

# What makes it start soon, as the launcher in the repository has it: the native libraries unpacked and their places noted, then an
# archive of the classes that a service loads. Without either it starts as well, later.
classpath=$(printf '%s:' "$out"/lib/*.jar)
java=("$out/runtime/bin/java" --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow
  -Dorg.bytedeco.openblas.load=mkl -XX:+UseSerialGC -Xmn128m "-XX:CompileCommandFile=$out/lib/compile-commands" "-Dslipway.root=$out")
rehearsal=$(mktemp -d)
trap 'rm -rf "$rehearsal"' EXIT
"${java[@]}" "-Dorg.bytedeco.javacpp.cachedir=$out/lib/native" "-Dslipway.libraries=$out/lib/libraries.txt" \
  -cp "${classpath%:}" dev.slipway.cli.Rehearsal "$rehearsal/unpacks" >&2
find "$out/lib/native" -name '.lock' -delete
# Links from one library's folder to another's, which have to hold wherever all of it is moved.
find "$out/lib/native" -type l | while IFS= read -r link; do ln -srf "$(readlink -f "$link")" "$link"; done
# Jars need not hold a second time what lies unpacked beside them.
while IFS= read -r folder; do
  jar=$out/lib/$(basename "$folder")
  mkdir "$rehearsal/jar"
  (cd "$rehearsal/jar" && "$jdk/bin/jar" --extract --file "$jar")
  (cd "$folder" && find . -type f) | while IFS= read -r file; do rm -f "$rehearsal/jar/$file"; done
  rm "$jar"
  "$jdk/bin/jar" --create --file "$jar" --manifest "$rehearsal/jar/META-INF/MANIFEST.MF" -C "$rehearsal/jar" .
  rm -rf "$rehearsal/jar"
done < <(find "$out/lib/native" -mindepth 1 -maxdepth 1 -name '*.jar')
# An archive knows its jars by their times, of which images and tar keep whole seconds.
find "$out" -type f -exec touch -d "@$(date +%s)" {} +
java+=("-Dslipway.libraries=$out/lib/libraries.txt")
"${java[@]}" -XX:DumpLoadedClassList="$rehearsal/classes" -cp "${classpath%:}" dev.slipway.cli.Rehearsal "$rehearsal/loads" >&2
"${java[@]}" -Xshare:dump -XX:SharedClassListFile="$rehearsal/classes" -XX:SharedArchiveFile="$out/lib/slipway.jsa" \
  -cp "${classpath%:}" >"$rehearsal/dump.log" 2>&1 || { cat "$rehearsal/dump.log" >&2; exit 1; }
du -sh "$out" "$out/runtime" "$out/lib" >&2
echo "$out/bin/slipway"
