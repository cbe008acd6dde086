import type { withDescriptors } from './descriptors.js';

/** The images with what project descriptors say of those from buildpacks; what reads these is loaded now. */
export async function describedImages(
  ...asked: Parameters<typeof withDescriptors>
): ReturnType<typeof withDescriptors> {
  const reading = await import('./applications.js');
  return reading.withDescriptors(...asked);
}
