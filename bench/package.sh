#!/bin/sh
# Makes what operators install: dist/fairlead-VERSION/ and its tar.gz, with a Java of its own (jlink) and an AOT cache
# that is trained here by a run under real requests. Then measures it, next to HAProxy and nginx where they are there.
# Called by `./fairlead package`, which sets JAVA_HOME and has built server/target.
set -eu

home=$(cd "$(dirname "$0")/.." && pwd -P)
launch=$home/server/src/main/launch
version=$("$JAVA_HOME/bin/java" -p "$home/server/target/lib:$home/server/target/classes" \
    -m dev.fairlead.server/dev.fairlead.server.cli.Main version | sed 's/^fairlead \([^,]*\),.*/\1/')
name=fairlead-$version
out=$home/dist/$name
case $(uname -sm) in
    'Linux x86_64') natives=io.netty.transport.epoll.linux.x86_64,io.netty.internal.tcnative.openssl.linux.x86_64,io.netty.codec.quic.linux.x86_64,com.aayushatharva.brotli4j.linux.x86_64 ;;
    'Linux aarch64') natives=io.netty.transport.epoll.linux.aarch_64,io.netty.internal.tcnative.openssl.linux.aarch_64,io.netty.codec.quic.linux.aarch_64,com.aayushatharva.brotli4j.linux.aarch64 ;;
    *) echo "package: no native transport for $(uname -sm)" >&2; exit 3 ;;
esac

rm -rf "$out" "$out.tar.gz"
mkdir -p "$out"
# jlink takes no jar without a module description, and those of RE2/J and jose4j have none: a copy gets one.
modules=$(mktemp -d)
trap 'rm -rf "$modules"' EXIT
cp "$home"/server/target/lib/*.jar "$modules/"
mkdir "$modules/described"
describe() { # MODULE JAR
    "$JAVA_HOME/bin/jdeps" --multi-release 25 --module-path "$(echo "$modules"/slf4j-api-*.jar)" --generate-module-info "$modules/described" "$2" >/dev/null
    "$JAVA_HOME/bin/javac" --module-path "$modules" --patch-module "$1=$2" -d "$modules/described" \
        "$(find "$modules/described/$1" -name module-info.java)"
    "$JAVA_HOME/bin/jar" --update --file "$2" -C "$modules/described" module-info.class
}
describe re2j "$modules"/re2j-*.jar
describe org.jose4j "$modules"/jose4j-*.jar
rm -rf "$modules/described"
# BouncyCastle's jars are signed, and a linked Java has no jars any more.
"$JAVA_HOME/bin/jlink" --module-path "$modules:$home/server/target/server-$version.jar" \
    --add-modules "dev.fairlead.server,$natives" --strip-debug --no-header-files --no-man-pages \
    --ignore-signing-information \
    --compress zip-6 --output "$out/runtime"
mkdir "$out/bin" "$out/lib" "$out/conf"
# With this option Java would link no class of the cache ahead of time, and start in twice the time. What it denies from
# source and in every test, it names on stderr here.
grep -v '^--illegal-native-access' "$launch/jvm.options" > "$out/lib/jvm.options"
printf '\n--add-modules=%s\n' "$natives" >> "$out/lib/jvm.options"
install -m 755 "$launch/fairlead.sh" "$out/bin/fairlead"
cp "$home/examples/minimal-http.yaml" "$out/conf/fairlead.yaml"
cp -R "$home/examples" "$out/examples"
for page in LICENSE README.md CHANGELOG.md; do
    [ ! -f "$home/$page" ] || cp "$home/$page" "$out/"
done

"$home/bench/package-train.sh" "$out"
tar -C "$home/dist" -czf "$out.tar.gz" "$name"
"$home/bench/package-measure.sh" "$out"
