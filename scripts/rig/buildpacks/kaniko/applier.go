// Package kaniko stands in for the one that applies Dockerfiles of image extensions.
package kaniko

import (
	"errors"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/buildpacks/lifecycle/internal/extend"
	"github.com/buildpacks/lifecycle/log"
)

var errAbsent = errors.New("this lifecycle is built without kaniko, so it applies no image extension")

type DockerfileApplier struct{}

func NewDockerfileApplier() (*DockerfileApplier, error) { return nil, errAbsent }

func (*DockerfileApplier) ImageFor(string) (v1.Image, error) { return nil, errAbsent }

func (*DockerfileApplier) Apply(extend.Dockerfile, v1.Image, extend.Options, log.Logger) (v1.Image, error) {
	return nil, errAbsent
}

func (*DockerfileApplier) Cleanup() error { return nil }
