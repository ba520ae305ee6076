package io.dockworker.command;

/**
 * How far the pull of an image has come.
 *
 * @param layersDone   of {@code layersTotal}, both as far as the engine has told of them yet
 * @param bytesCurrent of {@code bytesTotal}, over the layers whose download has begun
 */
public record PullProgress(ImageName image, int layersDone, int layersTotal, long bytesCurrent, long bytesTotal) {}
