# shellcheck shell=bash
# What builds with Cloud Native Buildpacks are tested with: pack, and a builder for linux/amd64 and
# linux/arm64 with a lifecycle, a run image and a buildpack of its own (buildpacks/python). pack and
# the lifecycle are built from their Go modules (some minutes, once per version). Sourced, never run.
#
# The folder $builders (SEA_TRIAL_BUILDPACKS in the file env) holds
#   builder, build, run, lifecycle   OCI layouts, an index of both platforms each, which tests push to
#                                    registries of their own
#   ARCHITECTURE.tgz                 the lifecycle, as "pack builder create" takes it
# The builder's run image is $run_image, which nothing serves: tests name theirs.
. "$(dirname "${BASH_SOURCE[0]}")/bash.sh"
. "$(dirname "${BASH_SOURCE[0]}")/golang.sh"

pack_version=v0.40.9
lifecycle_version=v0.21.17
run_image=sea-trial-rig/run:1
builder_architectures=(amd64 arm64)
builder_parts=$root/scripts/rig/buildpacks
pack=$rig/pack/$pack_version/pack
lifecycle=$rig/lifecycle/$lifecycle_version
# Named after what it is made of, so that another worktree's stays.
builders=$rig/buildpacks/$(cat "$builder_parts.sh" "$builder_parts"/python/{buildpack.toml,bin/*} | sha256sum | cut -c 1-12)

require_buildpacks() {
  build_pack
  build_lifecycle
  [[ -d $builders ]] || make_builders
  ln -sfn "$pack" "$bin/pack"
  # pack runs the phases with this where it does not trust a builder.
  if uses_stand_in && ! stands_in_for "buildpacksio/lifecycle:${lifecycle_version#v}"; then
    quietly lifecycle-copy crane push "$builders/lifecycle" "$mirror/buildpacksio/lifecycle:${lifecycle_version#v}"
  fi
  say buildpacks "pack ${pack_version#v}, and a builder with lifecycle ${lifecycle_version#v} for linux/amd64 and linux/arm64"
}

build_pack() {
  local source=$state/pack-source
  [[ ! -x $pack ]] || return 0
  module_copy "github.com/buildpacks/pack@$pack_version" "$source"
  CGO_ENABLED=0 GOFLAGS=-mod=mod quietly pack nice go build -C "$source" -trimpath \
    -ldflags "-s -w -X github.com/buildpacks/pack/pkg/client.Version=${pack_version#v}" -o "$pack" .
  rm -rf "$source"
}

# The lifecycle applies the Dockerfiles of image extensions with kaniko, which module proxies do not
# always serve. No test has extensions, so a package that refuses them takes its place.
build_lifecycle() {
  local source=$state/lifecycle-source version=${lifecycle_version#v} architecture out program
  [[ ! -x $lifecycle/make-image ]] || return 0
  module_copy "github.com/buildpacks/lifecycle@$lifecycle_version" "$source"
  rm "$source"/internal/extend/kaniko/*
  cp "$builder_parts/kaniko/applier.go" "$source/internal/extend/kaniko/"
  go mod edit -droprequire github.com/osscontainertools/kaniko "$source/go.mod"
  mkdir -p "$lifecycle"
  for architecture in "${builder_architectures[@]}"; do
    out=$source/out/$architecture/lifecycle
    for program in lifecycle launcher; do
      CGO_ENABLED=0 GOARCH=$architecture GOFLAGS=-mod=mod quietly "$program" nice go build -C "$source" -trimpath \
        -ldflags "-s -w -X github.com/buildpacks/lifecycle/cmd.Version=$version" -o "$out/$program" "./cmd/$program"
    done
    for program in analyzer builder creator detector exporter extender rebaser restorer; do
      ln -s lifecycle "$out/$program"
    done
    CGO_ENABLED=0 GOFLAGS=-mod=mod quietly lifecycle-package nice go run -C "$source" -trimpath ./tools/packager --version "$version" \
      --descriptorPath lifecycle.toml --inputDir "$out" --archivePath "$lifecycle/$architecture.tgz"
  done
  CGO_ENABLED=0 GOFLAGS=-mod=mod quietly lifecycle-image nice go build -C "$source" -trimpath -ldflags '-s -w' \
    -o "$lifecycle/make-image" ./tools/image
  rm -rf "$source"
}

make_builders() {
  local work=$state/buildpacks registry name
  if uses_stand_in && ! stands_in_for library/bash:5; then make_bash; fi
  rm -rf "$work"
  mkdir -p "$work/layouts" "$(dirname "$builders")"
  start_builders_registry
  quietly builder-bases make_bases
  quietly builder-lifecycle make_lifecycle_image
  quietly builder make_builder
  for name in builder build run lifecycle; do
    quietly builder-layout crane pull --format oci "$registry/sea-trial-rig/$name:1" "$work/layouts/$name"
  done
  cp "$lifecycle"/*.tgz "$work/layouts/"
  mv "$work/layouts" "$builders"
  stop_builders_registry
  rm -rf "$work"
}

# start_builders_registry: for these images alone, and gone when they are made.
start_builders_registry() {
  registry=127.0.0.1:$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
  cat >"$work/registry.yml" <<END
version: 0.1
log: { level: warn, accesslog: { disabled: true } }
storage: { filesystem: { rootdirectory: $work/registry } }
http: { addr: "$registry" }
END
  trap stop_builders_registry EXIT
  start_daemon builders-registry docker-registry serve "$work/registry.yml"
  wait_for 15 answers "http://$registry/v2/" || fail buildpacks "nothing answers on $registry; see $state/builders-registry.log."
}

stop_builders_registry() {
  trap - EXIT
  stop_daemon builders-registry docker-registry >/dev/null
}

# make_bases: a shell in /bin, and a user without rights.
make_bases() {
  local base=docker.io/library/bash:5 distro=io.buildpacks.base.distro architecture image
  ! uses_stand_in || base=$mirror/library/bash:5
  mkdir -p "$work"/root/{bin,etc} "$work/home/home/cnb"
  ln -s /usr/local/bin/bash "$work/root/bin/bash"
  printf '%s\n' 'root:x:0:0:root:/root:/bin/sh' 'cnb:x:1000:1000:cnb:/home/cnb:/bin/bash' >"$work/root/etc/passwd"
  printf '%s\n' 'root:x:0:' 'cnb:x:1000:' >"$work/root/etc/group"
  make_layer "$work/root" 0
  make_layer "$work/home" 1000
  for architecture in "${builder_architectures[@]}"; do
    image=$registry/sea-trial-rig/run:$architecture
    crane append --platform "linux/$architecture" --base "$base" --new_tag "$image" \
      --new_layer "$work/root.tar" --new_layer "$work/home.tar" || return
    crane mutate "$image" --tag "$image" --user 1000:1000 --env HOME=/home/cnb \
      --label "$distro.name=sea-trial-rig" --label "$distro.version=1" || return
    crane mutate "$image" --tag "${image/run/build}" --env CNB_USER_ID=1000 --env CNB_GROUP_ID=1000 || return
  done
  join_platforms run && join_platforms build
}

# make_layer FOLDER OWNER: FOLDER.tar, the same bytes each time.
make_layer() {
  (cd "$1" && tar --sort=name --mtime=@315532801 --numeric-owner --owner="$2" --group="$2" --mode=u=rwX,go=rX -cf "$1.tar" ./*)
}

# join_platforms NAME
join_platforms() {
  crane index append --tag "$registry/sea-trial-rig/$1:1" "${builder_architectures[@]/#/--manifest=$registry/sea-trial-rig/$1:}"
}

# The lifecycle alone, made as its makers do.
make_lifecycle_image() {
  local architecture
  for architecture in "${builder_architectures[@]}"; do
    "$lifecycle/make-image" -lifecyclePath "$lifecycle/$architecture.tgz" -baseImage "$registry/sea-trial-rig/run:1" \
      -os linux -arch "$architecture" -tag "$registry/sea-trial-rig/lifecycle:$architecture" || return
  done
  join_platforms lifecycle
}

# One call for each platform: with two, both builders would have the lifecycle of one.
make_builder() {
  local architecture
  mkdir -p "$work/pack"
  printf '[registry-mirrors]\n"index.docker.io" = "%s"\n' "$registry" >"$work/pack/config.toml"
  for architecture in "${builder_architectures[@]}"; do
    cat >"$work/builder.toml" <<END
description = "A small builder for tests"
lifecycle = { uri = "$lifecycle/$architecture.tgz" }
build = { image = "sea-trial-rig/build:1" }
run = { images = [{ image = "$run_image" }] }
buildpacks = [{ id = "sea-trial-rig/python", version = "1.0.0", uri = "$builder_parts/python" }]
order = [{ group = [{ id = "sea-trial-rig/python", version = "1.0.0" }] }]
END
    PACK_HOME=$work/pack "$pack" builder create "$registry/sea-trial-rig/builder:$architecture" \
      --config "$work/builder.toml" --target "linux/$architecture" --publish || return
  done
  join_platforms builder
}
