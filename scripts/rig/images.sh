# shellcheck shell=bash
# Makes images that the stand-in for Docker Hub serves. Sourced, never run.
. "$(dirname "${BASH_SOURCE[0]}")/hub.sh"

# push_image DOCKERFILE PLATFORMS NAME TAG...: the context is the Dockerfile's folder.
push_image() {
  local file=$1 platforms=$2 name=$3 names='' tag
  shift 3
  for tag; do names+=,$mirror/$name:$tag; done
  # A buildx configuration of its own: the builder that somebody chose stays chosen, and unused.
  BUILDX_CONFIG=$state/buildx quietly "image-${name##*/}" docker buildx build --builder default \
    --provenance=false --platform "$platforms" --file "$file" \
    --output "type=image,push=true,oci-mediatypes=true,\"name=${names#,}\"" "$(dirname "$file")"
}
