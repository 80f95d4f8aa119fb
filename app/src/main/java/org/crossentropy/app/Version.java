package org.crossentropy.app;

import picocli.CommandLine.IVersionProvider;

/** The version that the build wrote into the module. */
final class Version implements IVersionProvider {

    @Override
    public String[] getVersion() {
        return new String[] {
            "xent " + Main.class.getModule().getDescriptor().rawVersion().orElse("(development)")
        };
    }
}
